"""The asset device_catalogue: what each recorded device is, as the laboratory's device database has it."""

from collections.abc import Mapping

import dagster as dg
import pyarrow as pa

from gmpsai_assets.acnet.datalogger import utc_now
from gmpsai_assets.acnet.device_facts import Certainty
from gmpsai_assets.assets.failures import explained
from gmpsai_assets.assets.presentation import (
    ShownTable,
    numbers,
    row_count,
    table_asset,
    table_value,
)
from gmpsai_assets.assets.sources import datalogger
from gmpsai_assets.fetch.device_database import DeviceDescriptions, complete_descriptions
from gmpsai_assets.lake.source import remember_source
from gmpsai_assets.lake.tables import column
from gmpsai_assets.resources.datalogger import DataLoggerResource
from gmpsai_assets.resources.stores import LakeResource

DEVICES = ShownTable(
    "devices",
    "devices.json beside the parameter lists",
    pa.schema(
        [
            column("device", pa.string(), "name of the reading; its setting shares what is known"),
            column("description", pa.string(), "what it is"),
            column(
                "unit",
                pa.string(),
                "unit of its values; empty for a pure number, null where unknown",
            ),
            column(
                "certainty",
                pa.string(),
                "device database: read there; stated: by a public source; inferred: from the name and the numbers",
            ),
        ]
    ),
)


@table_asset(
    DEVICES,
    partitions_def=None,
    deps=[datalogger],
    kinds={"json", "acnet"},
    description=(
        "Description and unit of each device of the parameter lists, read once from the device database "
        "(`show DEVICE/text/units`) and kept in `devices.json` beside the lists, or in the data directory for the "
        "lists that come with the package. A device that is added to a list is described from then on. Until the "
        "database was read, built-in descriptions stand in, marked as stated or inferred. To have a device read "
        "again, remove it from that file; what is corrected there by hand stays."
    ),
)
def device_catalogue(
    context: dg.AssetExecutionContext, datalogger: DataLoggerResource, lake: LakeResource
) -> dg.MaterializeResult:
    """Ask for the devices that are not described yet."""
    with explained("device_catalogue"):
        store = lake.open()
    with explained("device_catalogue"), datalogger.open(store) as source:
        devices = [each.device for one in datalogger.lists() for each in one.parameters]
        before = datalogger.descriptions(store)
        known, failed = complete_descriptions(
            source, before, devices, connections=datalogger.max_connections, now=utc_now()
        )
        if len(known.kept) > len(before.kept):
            remember_source(store.root, source.source)
    for device, reason in failed.items():
        context.log.warning(f"{device} is not described by the device database: {reason}")
    return dg.MaterializeResult(metadata=_metadata(known, devices, failed))


def _metadata(
    known: DeviceDescriptions, devices: list[str], failed: Mapping[str, str]
) -> dict[str, dg.MetadataValue]:
    facts = {fact.device: fact for fact in map(known.fact, devices)}
    rows = [
        {
            "device": fact.device,
            "description": fact.description,
            "unit": fact.unit,
            "certainty": fact.certainty.value,
            "not read because": failed.get(fact.device),
        }
        for fact in facts.values()
    ]
    read = sum(fact.certainty is Certainty.DATABASE for fact in facts.values())
    return {
        **row_count(len(facts)),
        **numbers(devices=len(facts), read=read, not_read=len(facts) - read),
        "preview": table_value(rows, (*DEVICES.schema.names, "not read because")),
        "file": dg.MetadataValue.path(str(known.file)),
    }
