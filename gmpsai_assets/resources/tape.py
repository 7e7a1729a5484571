"""The dCache tape path as a Dagster resource: where it is."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from gmpsai_assets import settings
from gmpsai_assets.lake.tape import DirectoryTapeStore, TapeStore


class TapeResource(dg.ConfigurableResource):
    """The write-once store behind which the tapes are."""

    path: str = Field(
        default="",
        description="The tape path. Empty: GMPSAI_TAPE, or else tape in the data directory.",
    )

    def open(self) -> TapeStore:
        """The store; its folders are made when a file is put."""
        return DirectoryTapeStore(Path(self.path).absolute() if self.path else settings.tape_path())
