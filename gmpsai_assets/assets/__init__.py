"""The assets: each reads, calls one plain function, and returns metadata.

What is computed belongs to ``pull``, ``analysis``, ``lake`` and ``site``.
"""
