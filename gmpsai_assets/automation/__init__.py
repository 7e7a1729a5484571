"""What runs without a hand: the job of a whole day, and the sensors that ask for it and watch the timeline logger.

What a day is made of belongs to ``assets``; who starts and restarts processes, to ``launch`` and ``deploy``.
"""
