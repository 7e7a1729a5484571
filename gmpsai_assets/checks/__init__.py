"""Asset checks: wiring only; the rules live in ``analysis.rules``."""
