"""The lake and the site directory as Dagster resources: where they are."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from gmpsai_assets import settings
from gmpsai_assets.lake.day_store import Lake


class LakeResource(dg.ConfigurableResource):
    """The tables under one data directory."""

    data_dir: str = Field(
        default="", description="The data directory. Empty: GMPSAI_DATA_DIR, or else ./data."
    )

    def open(self) -> Lake:
        """The lake; its folders are made when something is published."""
        return Lake(Path(self.data_dir).absolute() if self.data_dir else settings.data_directory())


class SiteResource(dg.ConfigurableResource):
    """The folder from which the plot site is served."""

    directory: str = Field(
        default="",
        description="Where the site is published. Empty: GMPSAI_SITE_DIR, or else site in the data directory.",
    )

    def path(self) -> Path:
        """The folder, as an absolute path."""
        return Path(self.directory).absolute() if self.directory else settings.site_directory()
