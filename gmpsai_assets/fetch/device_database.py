"""Descriptions and units of the recorded devices, read once from the laboratory's device database and kept.

They lie in ``devices.json`` beside the parameter lists, so that a device that is added to a list is described without
code. What cannot be read there comes from ``acnet.device_facts``, which says how well it is known. Samples and lists do
not belong here.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.device_facts import (
    DEVICE_FACTS,
    Certainty,
    DeviceFact,
    described_as,
    device_fact,
)
from gmpsai_assets.acnet.errors import AcnetError, ServiceRefused, TransientError
from gmpsai_assets.fetch.asking.asker import ServiceHealth
from gmpsai_assets.lake import atomic
from gmpsai_assets.lake.json_objects import ForeignContentError, json_object, member

DESCRIPTIONS_FILE = "devices.json"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeviceDescriptions:
    """What is known of devices: as the device database has it, and else as built in.

    Attributes:
        file: where they are kept; it need not exist.
        kept: by name of the reading, ``description``, ``unit``, ``source`` and ``read_at`` (ISO 8601, UTC).
        damaged: whether the file is there and cannot be understood.
    """

    file: Path
    kept: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    damaged: bool = False

    def fact(self, device: str) -> DeviceFact:
        """Description and unit of a device; a setting shares those of its reading, an element those of its array.

        Raises:
            DeviceNameError: if the text is no device name.
        """
        built_in = device_fact(device)
        read = self.kept.get(built_in.device)
        if read is None:
            return built_in
        return replace(
            built_in,
            description=read["description"],
            unit=read["unit"],
            certainty=Certainty.DATABASE,
        )

    def facts(self) -> dict[str, DeviceFact]:
        """All devices that anything is known of, by name of the reading, the built-in ones first."""
        return {device: self.fact(device) for device in dict.fromkeys([*DEVICE_FACTS, *self.kept])}

    def missing(self, devices: Sequence[str]) -> list[str]:
        """The readings of some devices that the database was not read for yet, each once and without an index."""
        readings = dict.fromkeys(described_as(device) for device in devices)
        return [reading for reading in readings if reading not in self.kept]


def descriptions_file(lists: Path, lake_root: Path, *, packaged: bool) -> Path:
    """Where descriptions are kept: beside the lists; in the data directory for the lists that come with the package.

    Args:
        lists: the folder of parameter lists.
        lake_root: the data directory.
        packaged: whether these are the lists in the package, whose folder is not written to.
    """
    return (lake_root if packaged else lists) / DESCRIPTIONS_FILE


def read_descriptions(file: Path) -> DeviceDescriptions:
    """What is kept. A file that cannot be understood counts as none, with a warning in the log."""
    try:
        devices = member(json_object(file.read_bytes()), "devices", dict)
        kept = {name: _entry(each) for name, each in devices.items()}
    except FileNotFoundError:
        return DeviceDescriptions(file)
    except (OSError, ForeignContentError) as error:
        _LOG.warning(
            "%s cannot be read (%r); built-in descriptions are used until it is mended", file, error
        )
        return DeviceDescriptions(file, damaged=True)
    return DeviceDescriptions(file, kept)


def complete_descriptions(
    datalogger: DataLogger,
    known: DeviceDescriptions,
    devices: Sequence[str],
    *,
    connections: int,
    now: datetime,
) -> tuple[DeviceDescriptions, dict[str, str]]:
    """Ask the device database for the devices that it was not read for, and keep what comes.

    Args:
        datalogger: what is asked, one small request for each device.
        known: what is kept already.
        devices: names from the parameter lists.
        connections: requests that may run at a time.
        now: the present moment, aware.

    Returns:
        What is known now, and by device why it could not be read; those are asked about again the next time. So are
        all where the file cannot be written, which the log says: a day does not fail for want of a description.
    """
    wanted = known.missing(devices)
    if not wanted:
        return known, {}
    kept, failed = dict(known.kept), {}
    for device, answer in _answers(datalogger, wanted, connections):
        if isinstance(answer, AcnetError):
            failed[device] = answer.what
        else:
            origin = {"source": datalogger.source, "read_at": now.isoformat(timespec="seconds")}
            kept[device] = {**answer, **origin}
    if len(kept) > len(known.kept):
        _keep(known, kept)
    return DeviceDescriptions(known.file, kept), failed


def _keep(known: DeviceDescriptions, kept: Mapping[str, Mapping[str, str]]) -> None:
    text = json.dumps({"devices": dict(sorted(kept.items()))}, indent=1)
    try:
        if known.damaged:  # it may hold what a person has written
            known.file.replace(known.file.with_name(f"{known.file.name}.damaged"))
        atomic.write_bytes(known.file, text.encode() + b"\n")
    except OSError as error:
        _LOG.warning(
            "%s cannot be written (%s), so devices are asked about again the next time; make the folder writable",
            known.file,
            error,
        )


def _answers(
    datalogger: DataLogger, devices: Sequence[str], connections: int
) -> list[tuple[str, dict[str, str] | AcnetError]]:
    """One answer for each device; after one that does not come at all, no further device is asked about.

    Nor after two in a row that the service refuses to everyone, and when the run is ended from outside.
    """
    silent: list[AcnetError] = []
    health = ServiceHealth()

    def ask(device: str) -> dict[str, str] | AcnetError:
        if silent:
            return silent[0]
        try:
            with health.stop.heeded():
                read = datalogger.device_description(device)
        except AcnetError as error:
            if isinstance(error, TransientError):
                silent.append(error)
            if isinstance(error, ServiceRefused):
                health.note_refusal(error, hash(device))
            return error
        health.note(answered=True)
        return {"description": read.text, "unit": read.unit}

    with ThreadPoolExecutor(connections, thread_name_prefix="devices") as pool:
        try:
            return list(zip(devices, pool.map(ask, devices), strict=True))
        except BaseException as error:
            health.stop.set(error)
            raise


def _entry(each: Any) -> dict[str, str]:
    """What is kept of one device; who wrote it by hand need not say where it is from."""
    if not isinstance(each, dict):
        msg = f"an object is due for each device, not {each!r:.80}"
        raise ForeignContentError(msg)
    values = {"source": "", "read_at": "", **each}
    return {
        name: member(values, name, str) for name in ("description", "unit", "source", "read_at")
    }
