"""Where one day ends and the next begins: whatever the instant, each event is counted on one of them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import Window, from_microseconds
from gmpsai_assets.machine_time.reconciled_day import ReconciledDay
from gmpsai_assets_tests.machine_time.simulated_span import Span, span

COUNTED = ("planned", "matched", "missing", "unplanned", "seen_without_recipe")


def counts(*days: ReconciledDay) -> dict[int, Counter[str]]:
    """What became of each event code, over days."""
    found: dict[int, Counter[str]] = {}
    for day in days:
        for row in day.events:
            sums = found.setdefault(row["event"], Counter())
            sums.update({name: row[name] for name in COUNTED if row[name]})
    return {code: each for code, each in found.items() if each}


def halves(part: Span, middle: int) -> list[ReconciledDay]:
    """The span as two days with midnight at an instant; the second one reads the last second of the first."""
    day, cut = part.as_day(), from_microseconds(middle)
    first = replace(day, window=Window(day.window.start, cut))
    second = replace(day, window=Window(cut, day.window.end), read_from=middle - 1_000_000)
    return [each.reconciled_as_it_is() for each in (first, second)]


@pytest.fixture(scope="module")
def part() -> Span:
    """Six supercycles in which some events are lost, doubled and moved, those around the third start as well."""
    part = span(2, "2026-03-10", before=3, after=3)
    part.reconciled()
    draw = np.random.default_rng(1)
    around = part.supercycles[3].start_microseconds
    for code, times in part.events.items():
        if code in {0x00, 0x0C} or times.size < 30:
            continue
        near = np.flatnonzero(np.abs(times - around) < 1_000_000)[::5]
        chosen = np.union1d(near, draw.integers(0, times.size, 10))
        moved = times[chosen] + draw.integers(-60_000, 60_000, chosen.size)
        kept = np.delete(times, chosen[::2])
        part.events[code] = np.sort(np.append(kept, moved[chosen.size // 3 :]))
    return part


def instants(part: Span) -> list[int]:
    """Midnights that hurt: between a first tick and its $00, and within a millisecond of events."""
    start = part.supercycles[3].start_microseconds
    found = [start + each for each in (-60_000, -50_000, -49_000, -25_000, -1, 0, 1_000, 17_000)]
    for code in (0x15, 0x1D, 0x11, 0xA5, 0xE3, 0x2A):
        time = int(part.events[code][np.searchsorted(part.events[code], start + 7_000_000)])
        found += [time + each for each in (-1_000, 0, 1, 1_000)]
    return found


def test_two_days_count_what_one_would_whatever_the_instant_of_midnight(part: Span) -> None:
    whole = counts(part.reconciled())
    assert sum(each["missing"] for each in whole.values()) > 20
    assert sum(each["unplanned"] for each in whole.values()) > 20
    for middle in instants(part):
        assert counts(*halves(part, middle)) == whole, (
            middle - part.supercycles[3].start_microseconds
        )


def test_a_day_alone_invents_nothing_at_its_first_midnight() -> None:
    part = span(2, "2026-03-10", before=3, after=3)
    whole = part.reconciled()
    assert whole.beyond_reading == 0
    for middle in instants(part):
        day = part.as_day()
        later = replace(day, window=Window(from_microseconds(middle), day.window.end))
        found = replace(later, read_from=middle).reconciled_as_it_is()
        sums = counts(found).values()
        assert sum(each["missing"] for each in sums) == 0
        assert sum(each["unplanned"] for each in sums) == 0
        assert 0 < found.beyond_reading < 30
