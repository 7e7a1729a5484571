"""The one place where everything meets: assets, checks, jobs, sensors and resources become the code location."""

from collections.abc import Mapping

import dagster as dg

from gmpsai_assets.assets import (
    catalogue,
    completeness,
    cycles,
    device_catalogue,
    event_data,
    file_statistics,
    parameter_data,
    published_json,
    sources,
    supercycle_timeline,
    tape_archive,
    tclk_catalogue,
    timeline_reconciliation,
)
from gmpsai_assets.automation.newest_day import newest_complete_day_sensor, whole_day
from gmpsai_assets.automation.timeline_logger_watch import timeline_logger_watch
from gmpsai_assets.checks import day_checks
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource, SiteResource, TapeResource

ASSET_MODULES = (
    parameter_data,
    event_data,
    supercycle_timeline,
    file_statistics,
    completeness,
    timeline_reconciliation,
    cycles,
    device_catalogue,
    tclk_catalogue,
    catalogue,
    published_json,
    tape_archive,
)


def build_definitions(
    resources: Mapping[str, dg.ConfigurableResource] | None = None,
) -> dg.Definitions:
    """Assemble the code location.

    Args:
        resources: replaces some of the resources, as tests and notebooks do.
    """
    return dg.Definitions(
        assets=[*sources.SOURCES, *dg.load_assets_from_modules(ASSET_MODULES)],
        asset_checks=dg.load_asset_checks_from_modules([day_checks]),
        jobs=[whole_day],
        sensors=[newest_complete_day_sensor, timeline_logger_watch],
        resources={
            "datalogger": DataLoggerResource(),
            "lake": LakeResource(),
            "site": SiteResource(),
            "tape": TapeResource(),
            **(resources or {}),
        },
        # One process per run: the steps are few and large, and each further process costs seconds of imports.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
