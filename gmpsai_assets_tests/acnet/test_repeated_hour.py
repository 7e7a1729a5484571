"""Events of 1 November 2026 in the hour that comes twice, placed by their time in the supercycle."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet.clock import Window, day_window, from_microseconds
from gmpsai_assets.acnet.instants import TIME_TYPE
from gmpsai_assets.acnet.replies.events import (
    HOUR_MICROSECONDS,
    repeated_hours,
    tell_passes_apart,
)
from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts, SampleReply

WINDOW = day_window("2026-11-01")
SUPERCYCLE = 60_066_666
STARTS = np.arange(WINDOW.start_microseconds + 17, WINDOW.end_microseconds, SUPERCYCLE)
FIRST_PASS = WINDOW.start_microseconds + HOUR_MICROSECONDS


def _reply(times: list[int], seconds: list[float]) -> SampleReply:
    table = pa.table(
        {
            "time": pa.array(times, pa.int64()).view(TIME_TYPE),
            "supercycle_seconds": pa.array(seconds, pa.float64()),
        }
    )
    return SampleReply(table, ReplyCounts(ambiguous_times=len(times)))


def _true_seconds(time: int) -> float:
    return float(time - STARTS[np.searchsorted(STARTS, time, side="right") - 1]) / 1e6


def _times(reply: SampleReply) -> list[int]:
    return list(reply.table["time"].cast(pa.int64()).to_pylist())


def test_only_the_day_on_which_the_clock_is_put_back_has_a_repeated_hour() -> None:
    assert repeated_hours(WINDOW) == (FIRST_PASS, FIRST_PASS + HOUR_MICROSECONDS)
    assert repeated_hours(day_window("2026-03-08")) is None
    assert repeated_hours(day_window("2026-03-10")) is None


@pytest.mark.parametrize("seconds", [1, 3600, 3599])
def test_the_repeated_hour_of_a_part_of_the_day_is_the_same(seconds: int) -> None:
    start = from_microseconds(FIRST_PASS) - timedelta(seconds=seconds)
    assert repeated_hours(Window(start, WINDOW.end)) == repeated_hours(WINDOW)


def test_a_row_of_the_second_pass_that_seemed_late_is_not_counted_as_late() -> None:
    true = [FIRST_PASS + 3_500_000_000, FIRST_PASS + HOUR_MICROSECONDS + 3_400_000_000]
    taken = [FIRST_PASS + (time - FIRST_PASS) % HOUR_MICROSECONDS for time in true]
    order = np.argsort(taken)
    reply = _reply([taken[k] for k in order], [_true_seconds(true[k]) for k in order])
    reply = replace(reply, counts=replace(reply.counts, out_of_order=1))
    told = tell_passes_apart(reply, STARTS, WINDOW)
    assert _times(told) == true
    assert told.counts.out_of_order == 0


@given(st.lists(st.integers(0, 2 * HOUR_MICROSECONDS - 1), min_size=1, max_size=50, unique=True))
def test_rows_put_into_the_wrong_pass_come_back_to_the_right_one(offsets: list[int]) -> None:
    true = sorted(FIRST_PASS + offset for offset in offsets)
    seconds = [_true_seconds(time) for time in true]
    # As a reply without a step back is read: everything in the first pass.
    taken = [FIRST_PASS + (time - FIRST_PASS) % HOUR_MICROSECONDS for time in true]
    order = np.argsort(taken, kind="stable")
    reply = tell_passes_apart(
        _reply([taken[i] for i in order], [seconds[i] for i in order]), STARTS, WINDOW
    )
    assert _times(reply) == true
    assert reply.counts.ambiguous_times == 0


def test_a_reset_before_its_supercycle_keeps_its_negative_time() -> None:
    true = int(STARTS[np.searchsorted(STARTS, FIRST_PASS + HOUR_MICROSECONDS)]) - 50_200
    reply = tell_passes_apart(_reply([true - HOUR_MICROSECONDS], [-0.0502]), STARTS, WINDOW)
    assert _times(reply) == [true]


@pytest.mark.parametrize("seconds", [59.9999, float("nan")])
def test_a_row_that_agrees_with_no_pass_stays_and_is_counted(seconds: float) -> None:
    time = int(STARTS[np.searchsorted(STARTS, FIRST_PASS)]) + 20_000_000
    reply = tell_passes_apart(_reply([time], [seconds]), STARTS, WINDOW)
    assert _times(reply) == [time]
    assert reply.counts.ambiguous_times == 1


def test_without_supercycle_starts_nothing_moves() -> None:
    reply = _reply([FIRST_PASS], [1.0])
    assert tell_passes_apart(reply, STARTS[:1], WINDOW) is reply
