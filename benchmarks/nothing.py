"""An asset that does nothing, to see what Dagster itself takes."""

import dagster as dg

from gmpsai_assets.definitions import build_definitions
from gmpsai_assets.partitions import DAILY


@dg.asset(partitions_def=DAILY)
def nothing(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Touch the partition and return."""
    return dg.MaterializeResult(metadata={"day": context.partition_key})


# The platform's own modules are loaded as well, since every asset of it pays for that.
defs = dg.Definitions(
    assets=[nothing], resources=build_definitions().resources, executor=dg.in_process_executor
)
