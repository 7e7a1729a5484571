"""What runs without a hand: jobs, sensors, and what of a day is missing. What they run belongs to ``assets``."""
