"""The catalogue for tests of what its views show."""

from pathlib import Path

from gmpsai_assets.assets.catalogue import make_catalogue
from gmpsai_assets.lake.day_store import Lake


def refreshed_catalogue(lake: Lake) -> Path:
    """Make the catalogue anew, as the asset does; its path."""
    return make_catalogue(lake).path
