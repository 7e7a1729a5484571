"""The dCache tape path as a Dagster resource: where it is."""

import dagster as dg
from pydantic import Field

from gmpsai_assets import settings
from gmpsai_assets.lake.tape import DirectoryTapeStore, TapeStore, tape_directory


class TapeResource(dg.ConfigurableResource):
    """The write-once store behind which the tapes are."""

    path: str = Field(
        default="",
        description="The tape path, a directory. Empty: GMPSAI_TAPE, or else tape in the data directory.",
    )

    def open(self) -> TapeStore:
        """The store; its folders are made when a file is put.

        Raises:
            TapeError: the tape path is not a directory that can be written, but an address.
        """
        return DirectoryTapeStore(tape_directory(self.path or settings.tape_path()))
