"""The record of the supercycles: the logger that runs all the time, its files, and a day made of them.

The logger must stay small: only ``compaction``, ``lengths``, ``logger_life``, ``matching`` and ``day`` may import Arrow
and NumPy.
"""
