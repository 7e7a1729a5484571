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
            PathSettingError: it can be no folder.
        """
        written = self.data_dir
        root = settings.folder_of(written, "data_dir") if written else settings.data_directory()
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
        written = self.directory
        return settings.path_of(written, "directory") if written else settings.site_directory()


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
        """The store, which is there: its mark was seen.

        Raises:
            PathSettingError: the tape path cannot be the one that is meant.
            TapeError: the tape path is not a directory that can be written, but an address, or it is not there.
        """
        root = tape_directory(settings.tape_path(self.path))
        store = DirectoryTapeStore(root, is_default=root == settings.default_tape_path())
        store.require()
        return store
