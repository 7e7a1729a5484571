"""Capture files of past days: what a timeline logger would have written in the emulated laboratory.

The timeline generator shows only the present, so in a laboratory that exists since a moment ago every past day would
be without recipes. Here those captures are made out of the simulated machine, as exact as real ones are, in the form of
docs/captures.md with the origin ``emulator``. A day for which the folder has a capture file is left alone.
"""

import errno
import json
import os
import uuid
import zlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from threading import Lock

import numpy as np

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds, local_day_of, parse_day
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, parse_entries, recipe_identity
from gmpsai_assets.emulator import texts
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.noise import stream_key, uniforms

ORIGIN = "emulator"

_LEAST_UNCERTAINTY, _MOST_UNCERTAINTY = 800, 3_000
"""Microseconds; what some readings over a quick network leave open."""

_FIRST_LOOK, _LAST_LOOK = 200_000, 400_000
"""Microseconds from the start of a supercycle until its timeline has been read."""

_READINGS = 5

_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without hard links answer."""


class DayCaptures:
    """Writes the captures of past days into one folder, each day once.

    Args:
        machine: the simulated machine.
        folder: the folder of capture files; made when the first is written.
    """

    def __init__(self, machine: Machine, folder: Path) -> None:
        self._machine = machine
        self._folder = folder
        self._lock = Lock()

    def keep(self, start: int, end: int, now: int) -> None:
        """Write the local days that a span touches, as far as they are over.

        Args:
            start: microseconds since 1970 UTC.
            end: first instant after the span.
            now: the laboratory's clock, microseconds since 1970 UTC.

        Raises:
            OSError: the disk is full or cannot be written.
        """
        day = parse_day(local_day_of(from_microseconds(start)))
        while (window := day_window(day)).start_microseconds < end:
            if window.end_microseconds <= now:
                self.write_day(day.isoformat())
            day += timedelta(days=1)

    def day_file(self, day: str) -> Path:
        """The capture file of a local day."""
        return self._folder / f"{day}.jsonl"

    def write_day(self, day: str) -> bool:
        """Write one local day, whole or not at all; False if it has a file already, which stays as it is.

        Raises:
            OSError: the disk is full or cannot be written.
        """
        with self._lock:
            if self.day_file(day).exists():
                return False
            lines = capture_lines(self._machine, day_window(day))
            content = b"".join(lines)
            for identity, entries in _recipes(self._machine):
                if identity.encode() in content:
                    recipe = {"recipe_id": identity, "entries": entries}
                    text = json.dumps(recipe, separators=(",", ":"))
                    _put(self._folder / "recipes" / f"{identity}.json", text.encode())
            return _put(self.day_file(day), content)


def capture_lines(machine: Machine, window: Window) -> list[bytes]:
    """A line for each supercycle that runs in a window, in order; the same window always has the same."""
    schedule, clock = machine.schedule, machine.clock
    first = schedule.at(window.start_microseconds).number
    last = -(-clock.first_tick_from(window.end_microseconds) // schedule.length_ticks)
    numbers = np.arange(first, last, dtype=np.int64)
    identities = [identity for identity, _ in _recipes(machine)]
    length = float(texts.supercycle_seconds(schedule.length_ticks))
    width, place, look = (
        uniforms(stream_key(machine.seed, "capture", name), numbers)
        for name in ("uncertainty", "place", "look")
    )
    uncertainty = _LEAST_UNCERTAINTY + width * (_MOST_UNCERTAINTY - _LEAST_UNCERTAINTY)
    true = schedule.start_times(first, numbers.size)
    start = true + np.rint((2 * place - 1) * uncertainty).astype(np.int64)
    seen = true + np.rint(_FIRST_LOOK + look * (_LAST_LOOK - _FIRST_LOOK)).astype(np.int64)
    rows = zip(
        start.tolist(),
        np.ceil(uncertainty).astype(np.int64).tolist(),
        schedule.recipe_index(numbers).tolist(),
        seen.tolist(),
        strict=True,
    )
    return [
        _sealed(
            {
                "kind": "captured",
                "start": _iso(begun),
                "uncertainty_seconds": within / 1e6,
                "length_seconds": length,
                "recipe_id": identities[recipe],
                "captured_at": _iso(read_at),
                "readings": _READINGS,
                "origin": ORIGIN,
            }
        )
        for begun, within, recipe, read_at in rows
    ]


def _recipes(machine: Machine) -> list[tuple[str, Sequence[RecipeEntry]]]:
    """All recipes of the machine as a client reads them from the timeline generator, with their identities."""
    read = [
        parse_entries(texts.all_event_info(recipe).encode()) for recipe in machine.schedule.recipes
    ]
    return [(recipe_identity(entries), entries) for entries in read]


def _sealed(values: dict[str, object]) -> bytes:
    """A line of JSON whose last member is the CRC-32 of all before it."""
    text = json.dumps(values, separators=(",", ":")).encode()[:-1]
    return b'%s,"check":"%08x"}\n' % (text, zlib.crc32(text))


def _iso(microseconds: int) -> str:
    return f"{from_microseconds(microseconds):%Y-%m-%dT%H:%M:%S.%fZ}"


def _put(path: Path, content: bytes) -> bool:
    """Put a whole file where there is none yet; False if there is one, which stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".draft-{uuid.uuid4().hex}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, it never replaces what another process wrote
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            return False
        draft.replace(path)  # two processes that come to this at once write the same
    finally:
        draft.unlink(missing_ok=True)
    return True
