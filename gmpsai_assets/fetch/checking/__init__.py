"""What an answer holds, looked through before it counts as data: its rows, their tier, and the findings in them.

Nothing is asked for here; pure functions on arrays. ``rows`` are what is looked at, ``findings`` what is seen in
them, with the help of ``tiers``; ``numbers`` says whether enough of them hold one.
"""
