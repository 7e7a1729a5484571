"""Whether a data directory is of the present layout, in which a folder holds one schema.

Cheap: it looks into no more than one day of each table.
"""

from pathlib import Path

_OLDER = (
    "cycles/day=*/offsets.parquet",
    "cycles/day=*/parameters.parquet",
    "supercycle_timeline/day=*/*.parquet",
    "timeline_reconciliation/day=*/*.parquet",
)
"""Where several tables lay in one folder; the present layout has no such file."""

_FOLDERS = ("cycles", "supercycle_timeline", "timeline_reconciliation")


class OlderLayoutError(RuntimeError):
    """The data directory was written by a version that put several tables into one folder."""


def refuse_older_layout(root: Path) -> None:
    """Make sure that a data directory is new or of the present layout.

    Raises:
        OlderLayoutError: it is of the older one; nothing was changed.
    """
    for pattern in _OLDER:
        found = next(root.glob(pattern), None)
        if found is not None:
            folder = found.relative_to(root).parts[0]
            msg = (
                f"{root} has the layout of an older version of gmpsai_assets, by its folder {folder}: several tables "
                f"lie in it, as {found.name}, and programs that read it whole would mix them. Nothing was changed. Set "
                "GMPSAI_DATA_DIR to an empty folder and materialise the days again. Or keep parameter_data and "
                f"event_data, which have not changed: move the folders {', '.join(_FOLDERS)} out of {root}, and "
                "materialise these tables again"
            )
            raise OlderLayoutError(msg)
