"""Asset checks: each reads a published table, asks one rule of ``quality.rules``, and returns its result."""
