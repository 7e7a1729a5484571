"""What an answer holds, looked at before it counts as data: its rows, its tier, and the findings in it.

Nothing is asked for here; pure functions on arrays.
"""
