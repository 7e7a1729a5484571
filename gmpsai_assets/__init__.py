"""A daily record of the Fermilab Booster's gradient magnet power supply (GMPS), kept as Dagster assets.

This module imports nothing, so that notebooks may use the pure packages without paying for Dagster.
"""

__version__ = "0.1.0"
