"""The asset tape_archive: the published files of a day in the tape path, with their checksums."""

from dataclasses import asdict

import dagster as dg

from gmpsai_assets.acnet.clock import local_moment
from gmpsai_assets.archive.archiving import MANIFEST_FILES, ArchivedDay, archive_day
from gmpsai_assets.assets.completeness import completeness
from gmpsai_assets.assets.event_data import event_data
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.file_statistics import file_statistics
from gmpsai_assets.assets.parameter_data import parameter_data
from gmpsai_assets.assets.presentation import (
    ShownTable,
    headings,
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.supercycle_timeline import supercycle_timeline
from gmpsai_assets.resources.stores import LakeResource, TapeResource

LISTED = ShownTable("files", "$GMPSAI_TAPE/YYYY/MM/YYYY-MM-DD/manifest.json", MANIFEST_FILES)


@table_asset(
    LISTED,
    deps=[parameter_data, event_data, supercycle_timeline, file_statistics, completeness],
    kinds={"file"},
    pool="tape",
    description=(
        "The day's files in the write-once tape path, and a manifest with size, adler32 and sha256 of each. "
        "Archived means that the bytes were read back and are equal. A file that changed since is stored beside the "
        "old one as a numbered revision (`.r1`), never over it; of several manifests the one with the highest "
        "sequence number is in force."
    ),
)
def tape_archive(
    context: dg.AssetExecutionContext, lake: LakeResource, tape: TapeResource
) -> dg.MaterializeResult:
    """Archive the day; archiving an unchanged day again stores nothing."""
    day = context.partition_key
    with explained(day):
        store = tape.open()
        archived = archive_day(lake.open(), store, day)
    return dg.MaterializeResult(metadata=_metadata(archived, str(store)))


def _metadata(archived: ArchivedDay, place: str) -> dict[str, dg.MetadataValue]:
    rows = [
        {
            "name": file.name,
            **asdict(file.fingerprint),
            "already there": file.existed,
        }
        for file in archived.files
    ]
    return {
        **row_count(len(rows)),
        **numbers(
            files=len(archived.files),
            manifest_sequence=archived.sequence,
            new_files=archived.new_files,
            megabytes=archived.size / 1e6,
        ),
        "preview": table_value(
            rows, headings(MANIFEST_FILES, (*MANIFEST_FILES.names, "already there"))
        ),
        "manifest": dg.MetadataValue.text(archived.manifest),
        "manifest written": dg.MetadataValue.text(local_moment(archived.archived_at)),
        "tape path": dg.MetadataValue.path(place),
    }
