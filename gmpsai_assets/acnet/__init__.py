"""What the control system speaks: device names, read-only commands, replies, the clock, TCLK, the HTTP client.

Nothing here knows where data is kept, and nothing here knows Dagster.
"""
