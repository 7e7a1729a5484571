"""The published device table: what the page needs to name, group and label each parameter.

The facts themselves are written in ``acnet.device_facts``.
"""

from typing import Any

from gmpsai_assets.acnet.device_facts import DEVICE_FACTS, DeviceGroup


def devices_document() -> dict[str, Any]:
    """Groups in order of display, and by name of the reading each device's fact.

    A unit is null where it is unknown and an empty text for a pure number.
    """
    return {
        "groups": [group.value for group in DeviceGroup],
        "devices": {
            device: {
                "description": fact.description,
                "unit": fact.unit,
                "certainty": fact.certainty.value,
                "group": fact.group.value,
            }
            for device, fact in DEVICE_FACTS.items()
        },
    }
