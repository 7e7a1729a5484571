"""The accelerator's day as Dagster partitions: local midnight to local midnight, America/Chicago, and nothing else.

The window of a day in UTC comes from ``acnet.clock``; Dagster's own windows must not be subtracted, since on a day
of 23 or 25 hours the difference of their local ends says 24.
"""

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.acnet.clock import ZONE_NAME

DAILY = dg.DailyPartitionsDefinition(start_date=settings.first_day(), timezone=ZONE_NAME)
"""One key ``YYYY-MM-DD`` per local day since ``GMPSAI_FIRST_DAY``; a key appears when its day has ended."""
