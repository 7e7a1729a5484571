"""Ticks, supercycles and recipes of a day, its Booster cycles, and what was planned against what was seen.

Which samples a day lacks belongs to ``quality``. A day goes through ``inputs`` (opened once), ``ticks``, ``starts``,
``supercycles``, ``day``; from there through ``cycles``, or ``plans``, ``line_grid``, ``reconciliation``, ``results``;
and through ``files`` into the lake.
"""
