"""The sources outside: lineage starts at these, and nothing here materialises them."""

import dagster as dg

from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.assets.presentation import GROUP, OWNERS

datalogger = dg.AssetSpec(
    "datalogger",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"acnet"},
    description="The ACNET DataLogger: 15 Hz samples of the Booster's devices, asked for through the ACL web "
    f"service (`logger_get`). Fast data is kept for {KEPT_DAYS:g} days, unless its list says otherwise.",
)

tclk = dg.AssetSpec(
    "tclk",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"acnet"},
    description="The Tevatron clock's event log: every occurrence of the 256 TCLK events, asked for through "
    "the ACL web service (`event_log`).",
)

timeline_generator = dg.AssetSpec(
    "timeline_generator",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"acnet"},
    description="The timeline generator (TLG): the supercycle timeline that is loaded now. It has no memory, "
    "so a timeline that was not read while it ran is lost.",
)

SOURCES = (datalogger, tclk, timeline_generator)
