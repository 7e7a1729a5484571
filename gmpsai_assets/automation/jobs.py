"""The jobs: selections of assets that run together.

When they run is decided by the sensors, what an asset does in ``assets``.
"""

import dagster as dg

WHOLE_DAY = "whole_day"

whole_day = dg.define_asset_job(
    WHOLE_DAY,
    selection=dg.AssetSelection.all(),
    description="One day from end to end: pulled, described, archived and published, with its checks.",
)
