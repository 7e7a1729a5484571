"""The accelerator's day as Dagster partitions: local midnight to local midnight, America/Chicago, and nothing else.

The window of a day in UTC comes from ``acnet.clock``; Dagster's own windows must not be subtracted, since on a day
of 23 or 25 hours the difference of their local ends says 24.
"""

from datetime import UTC

import click
import dagster as dg
from dagster._core.definitions.partitions.context import PartitionLoadingContext

from gmpsai_assets import settings
from gmpsai_assets.acnet.clock import ZONE_NAME


class NoSuchDayError(click.ClickException):
    """A key names no day that can be made. On the command line its message alone is shown, without a traceback."""


class LocalDays(dg.DailyPartitionsDefinition):
    """Local days that say of a key that is none of them why it is not; Dagster says only that it is none."""

    def validate_partition_key(self, partition_key: str, context: PartitionLoadingContext) -> None:
        """Refuse a day before the first one, one that is not over, and what is no day.

        Raises:
            NoSuchDayError: with what to set, or which days there are.
        """
        now = context.effective_dt.astimezone(UTC)
        try:
            settings.refuse_day_without_partition(partition_key, now)
        except ValueError as error:
            raise NoSuchDayError(str(error)) from None
        super().validate_partition_key(partition_key, context)


DAILY = LocalDays(start_date=settings.first_day(), timezone=ZONE_NAME)
"""One key ``YYYY-MM-DD`` per local day since ``GMPSAI_FIRST_DAY``; a key appears when its day has ended."""
