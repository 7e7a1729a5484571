"""Bringing a day from the DataLogger into the lake: plain functions over ``acnet`` and ``lake``, no Dagster.

``collect`` fetches many subjects side by side and keeps each as a draft; ``parameters`` and ``events`` make of them
the files of a day; ``timeline`` records the supercycle timeline that is loaded now.
"""
