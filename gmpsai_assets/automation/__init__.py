"""What runs without a hand: jobs and sensors. What they run belongs to ``assets``."""
