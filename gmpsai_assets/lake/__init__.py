"""Tables at rest: their schemas, the day store, the DuckDB catalogue of views and the tape stores.

Nothing here knows where data comes from, and nothing here knows Dagster.
"""
