"""The array devices of the simulated laboratory, and the names by which devices and their elements are asked for.

Names, nodes and lists of L:D7TOR and G:PIDKI are from the tables in fermi-ad/linac-logger-device-cleaner; how many
elements they have, and all numbers, stand in. No array device of the GMPS is published: B:GMPSVA stands in for one.
"""

import re
from dataclasses import dataclass, replace

from gmpsai_assets.emulator.devices import DEVICES, FAST_NODE, Analog, Device


@dataclass(frozen=True)
class ListRow:
    """One row of the table of logger lists.

    Attributes:
        name: what the list holds: a device, an element or a range.
        node: the logger node.
        rate: the name of the list.
        number: the number of the list on its node.
        event: when a sample is kept, as a data event.
    """

    name: str
    node: str
    rate: str
    number: int
    event: str


@dataclass(frozen=True)
class ArrayDevice:
    """A device with several values at a time.

    Attributes:
        elements: one device for each, by index; all of them are stamped together.
        lists: the logger lists that hold it or some of it.
    """

    elements: tuple[Device, ...]
    lists: tuple[ListRow, ...]


def _elements(head: Device, models: list[Analog]) -> tuple[Device, ...]:
    """A device for each model; what they have in common is the head's."""
    return tuple(
        replace(head, name=f"{head.name}[{index}]", model=model, array=head.name)
        for index, model in enumerate(models)
    )


_VOLTAGES = [Analog(mean, 27.0, 28.58, 240.0, step=0.001) for mean in (101.3, 98.7, 100.4, 99.8)]
_TOROIDS = [Analog(mean, 0.03, 0.2, 900.0) for mean in (24.1, 23.8)]
_INTEGRALS = [Analog(mean, 0.001, 0.02, 4_000.0) for mean in (0.4, -1.5, 0.0, 12.0)]

ARRAYS = {
    array.elements[0].array: array
    for array in (
        ArrayDevice(
            _elements(
                Device("B:GMPSVA", "Supply voltages, 1 to 4", "Volt", _VOLTAGES[0]), _VOLTAGES
            ),
            (ListRow("B:GMPSVA[0:3]", FAST_NODE, "15 Hz", 13, "p,66,true"),),
        ),
        ArrayDevice(
            _elements(
                Device("L:D7TOR", "Toroid after tank 7", "mA", _TOROIDS[0], "Ctrls"), _TOROIDS
            ),
            (
                ListRow("L:D7TOR", "Ctrls", "15 Hz", 13, "p,66,true"),
                ListRow("L:D7TOR[0:1]", "CBSDA", "Client", 1, "client"),
            ),
        ),
        ArrayDevice(
            _elements(
                Device("G:PIDKI", "Integral terms", "", _INTEGRALS[0], "Lina2", 10), _INTEGRALS
            ),
            tuple(
                ListRow(f"G:PIDKI[{index}]", "Lina2", "10 Sec", 4, "p,10000,true")
                for index in range(len(_INTEGRALS))
            ),
        ),
    )
}
"""Every array device by its name in upper case."""

_RANGE = re.compile(
    r"(?P<array>[^\[]+)(?:\[(?P<first>[0-9]{0,5})(?P<to>:)?(?P<last>[0-9]{0,5})\])?"
)


def devices_named(name: str) -> tuple[Device, ...]:
    """The devices whose values a request for a name in upper case brings: several for an array or a range of it.

    Returns:
        Nothing if there is no such device, or if the array does not have all elements that are named.
    """
    if name in DEVICES:
        return (DEVICES[name],)
    found = _RANGE.fullmatch(name)
    array = ARRAYS.get(found["array"]) if found else None
    if found is None or array is None:
        return ()
    first = int(found["first"] or 0)
    single = found["first"] and not found["to"]
    last = first if single else int(found["last"] or len(array.elements) - 1)
    return array.elements[first : last + 1] if first <= last < len(array.elements) else ()


def logger_lists_of(name: str) -> tuple[ListRow, ...]:
    """The rows of the table of logger lists for a name: all of a device; of an element or a range its own alone."""
    devices = devices_named(name)
    array = ARRAYS.get(devices[0].array) if devices else None
    if array is None:
        return tuple(map(_list_of, devices))
    return tuple(row for row in array.lists if name in (devices[0].array, row.name))


def _list_of(device: Device) -> ListRow:
    period = device.period_seconds
    if period is None:
        return ListRow(device.name, device.node, "15 Hz", 13, "p,66,true")
    return ListRow(device.name, device.node, f"{period} Sec", 14, f"p,{period * 1000},true")
