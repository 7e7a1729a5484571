"""Ticks, supercycles and recipes of a day, its Booster cycles, and what was planned against what was seen.

Capturing timelines belongs to ``timeline``; which samples a day lacks, to ``quality``.

A day is opened once by ``inputs``. ``day`` finds its ``ticks`` and, by ``starts``, its ``supercycles``. Then either
``day_of_cycles`` puts the samples to their ticks (``cycles``), or ``reconciled_day`` lays out the ``plans`` and the
events on a ``line_grid``, matches them (``reconciliation``) and sums up (``results``); each publishes its ``tables``.
``offsets`` measures constant delays for all of them. ``line_clock`` counts the ticks that a day must have.
``tclk_catalogue`` and ``views`` are what people read beside the tables.
"""
