"""The lake and the site directory as Dagster resources: where they are."""

from pathlib import Path

import dagster as dg
from pydantic import Field, field_validator

from gmpsai_assets import settings
from gmpsai_assets.archive.tape import DirectoryTapeStore, TapeStore, tape_directory
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.layout import refuse_older_layout
from gmpsai_assets.resources.secrets import refuse_shown_login


class LakeResource(dg.ConfigurableResource):
    """The tables under one data directory."""

    data_dir: str = Field(
        default="", description="The data directory. Empty: GMPSAI_DATA_DIR, or else ./data."
    )

    def open(self) -> Lake:
        """The lake; its folders are made when something is published.

        Raises:
            OlderLayoutError: the directory was written by a version that laid its tables out otherwise.
        """
        root = Path(self.data_dir).absolute() if self.data_dir else settings.data_directory()
        refuse_older_layout(root)
        return Lake(root)


class SiteResource(dg.ConfigurableResource):
    """The folder from which the plot site is served."""

    directory: str = Field(
        default="",
        description="Where the site is published. Empty: GMPSAI_SITE_DIR, or else site in the data directory.",
    )

    def path(self) -> Path:
        """The folder, as an absolute path."""
        return Path(self.directory).absolute() if self.directory else settings.site_directory()


class TapeResource(dg.ConfigurableResource):
    """The write-once store behind which the tapes are."""

    path: str = Field(
        default="",
        description="The tape path, a directory. Empty: GMPSAI_TAPE, or else tape in the data directory.",
    )

    @field_validator("path")
    @classmethod
    def _has_no_login(cls, path: str) -> str:
        return refuse_shown_login(path, "GMPSAI_TAPE") if "://" in path else path

    def open(self) -> TapeStore:
        """The store; its folders are made when a file is put.

        Raises:
            TapeError: the tape path is not a directory that can be written, but an address.
        """
        return DirectoryTapeStore(tape_directory(self.path or settings.tape_path()))
