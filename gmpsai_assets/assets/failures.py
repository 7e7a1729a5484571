"""How an error that a person can act on is shown in the Dagster UI: one clear failure instead of a traceback alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.acnet.list_files import ParameterListError
from gmpsai_assets.archive.tape_mark import TapeError
from gmpsai_assets.assets.outcomes import failures_table
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.lake.catalogue import CatalogueError
from gmpsai_assets.lake.day_store import DayNotPublishedError
from gmpsai_assets.lake.layout import OlderLayoutError
from gmpsai_assets.lake.source import AnotherSourceError, SourceFileError
from gmpsai_assets.settings import PathSettingError
from gmpsai_assets.site.history import HistoryError
from gmpsai_assets.site.release import ReleaseError

EXPLAINED = (
    AcnetError,
    AnotherSourceError,
    CatalogueError,
    DayNotPublishedError,
    HistoryError,
    OlderLayoutError,
    OSError,
    ParameterListError,
    PathSettingError,
    PullFailedError,
    ReleaseError,
    ServiceAddressError,
    SourceFileError,
    TapeError,
)


@contextmanager
def explained(day: str) -> Iterator[None]:
    """Turn an error that a person can act on into a Dagster failure with its message.

    Args:
        day: the partition key, or the asset's name where it has no days; the message begins with it.
    """
    try:
        yield
    except EXPLAINED as error:
        metadata: dict[str, dg.MetadataValue] = {
            "error": dg.MetadataValue.text(type(error).__name__)
        }
        if isinstance(error, PullFailedError):
            metadata["not whole"] = failures_table(error)
        # The client has retried what can pass; a further layer of retries would only multiply them.
        raise dg.Failure(
            description=f"{day}: {error}",
            metadata=metadata,
            allow_retries=False,
        ) from error
