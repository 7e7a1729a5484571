"""What a timeline logger would have captured in the emulated laboratory, for the days on which none ran.

The timeline generator tells only the present, so in a laboratory that exists since a moment ago every past day would
have no recipe. Here those captures are made out of the simulated machine, as exact as real ones are, and marked as the
emulator's. Who asks for them, and when, is decided in ``answers``.
"""

from datetime import timedelta
from threading import Lock

import numpy as np

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds, local_day_of, parse_day
from gmpsai_assets.acnet.replies.timeline_entries import RecipeEntry, parse_entries, recipe_identity
from gmpsai_assets.emulator import texts
from gmpsai_assets.emulator.counter_random import stream_key, uniforms
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.records import EMULATOR, Captured

_LEAST_UNCERTAINTY, _MOST_UNCERTAINTY = 800, 3_000
"""Microseconds; what some readings over a quick network leave open."""

_FIRST_LOOK, _LAST_LOOK = 200_000, 400_000
"""Microseconds from the start of a supercycle until its timeline has been read."""

_READINGS = 5


class DayCaptures:
    """Keeps captures of past days.

    Args:
        machine: the simulated machine.
        files: where they are kept.
    """

    def __init__(self, machine: Machine, files: CaptureFiles) -> None:
        self._machine = machine
        self._files = files
        self._lock = Lock()
        self._kept: set[str] = set()

    def keep(self, start: int, end: int, now: int) -> None:
        """Keep what was captured of the local days that a span touches, as far as they are over.

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
                self._keep_day(day.isoformat(), window)
            day += timedelta(days=1)

    def _keep_day(self, day: str, window: Window) -> None:
        with self._lock:
            if day in self._kept:
                return
            captured = captures_of(self._machine, window)
            played = {each.recipe_id for each in captured}
            for identity, entries in _recipes(self._machine):
                if identity in played:
                    self._files.keep_recipe(identity, entries)
            self._files.keep_emulated_day(parse_day(day), captured)
            self._kept.add(day)


def captures_of(machine: Machine, window: Window) -> list[Captured]:
    """The captures of all supercycles that run in a window, in order; the same window always has the same."""
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
        Captured(begun, within / 1e6, length, identities[recipe], at, _READINGS, EMULATOR)
        for begun, within, recipe, at in rows
    ]


def _recipes(machine: Machine) -> list[tuple[str, tuple[RecipeEntry, ...]]]:
    """All recipes of the machine in the words in which the generator tells them, with their identities."""
    told = [
        parse_entries(texts.all_event_info(recipe).encode()) for recipe in machine.schedule.recipes
    ]
    return [(recipe_identity(entries), entries) for entries in told]
