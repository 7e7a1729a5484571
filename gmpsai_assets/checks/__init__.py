"""Asset checks: wiring only; the rules live in ``quality.rules``."""
