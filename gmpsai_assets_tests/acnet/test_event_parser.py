"""Occurrences out of event_log replies, above all around the change of the clock."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, from_microseconds, to_microseconds
from gmpsai_assets.acnet.replies.samples import EventParser, ParsedSamples, local_to_utc
from gmpsai_assets_tests.acnet.sample_texts import sample

FALL_BACK = datetime(2026, 11, 1, 5, tzinfo=UTC)
SPRING_FORWARD = datetime(2026, 3, 8, 6, tzinfo=UTC)
SECOND = 1_000_000


def parse(body: bytes) -> ParsedSamples:
    parser = EventParser("TCLK event $00")
    parser.feed(body)
    return parser.finish()


def log_text(instants: list[datetime]) -> bytes:
    def line(instant: datetime) -> str:
        local = instant.astimezone(ACCELERATOR_ZONE)
        return f"{local:%d-%b-%Y %H:%M:%S}.{local.microsecond // 1000:03d}  -0.000001\n"

    return "".join(map(line, instants)).upper().encode()


@pytest.mark.parametrize(
    ("name", "first", "preamble"),
    [
        ("event_log_2019", datetime(2019, 6, 27, 5, 0, 59, 441000, UTC), []),
        (
            "event_log_2026",
            datetime(2026, 8, 13, 5, 0, 59, 441000, UTC),
            ["Event", "Event", "Start", "Stop", "Date"],
        ),
    ],
)
def test_recorded_logs_are_read_with_any_preamble(
    name: str, first: datetime, preamble: list[str]
) -> None:
    parsed = parse(sample(name))
    assert from_microseconds(int(parsed.time[0])) == first
    assert set(parsed.value.tolist()) == {-0.000001}
    assert [line.split()[0] for line in parsed.rows.preamble] == preamble
    assert len(parsed.time) == sample(name).count(b".441") + sample(name).count(b".4") - 1


def test_the_recorded_repeated_hour_comes_out_strictly_increasing() -> None:
    parsed = parse(sample("event_log_fall_back"))
    assert np.diff(parsed.time).tolist() == [1800 * SECOND] * 5
    assert from_microseconds(int(parsed.time[0])) == FALL_BACK + timedelta(minutes=59, seconds=30)
    assert parsed.ambiguous_times == 0


def test_recorded_absence_of_occurrences_is_a_fact() -> None:
    with pytest.raises(errors.NoOccurrences, match="No occurrences of event 04"):
        parse(sample("event_log_none"))


def test_times_as_plain_numbers_are_refused() -> None:
    with pytest.raises(errors.UnreadableReply, match="plain numbers"):
        parse(sample("logger_get_utc_seconds"))


def test_only_an_unusual_line_before_the_rows_is_a_remark() -> None:
    usual = parse(sample("event_log_2026"))
    assert usual.remarks == ()
    warned = parse(b"Warning: EventC is not responding\n" + sample("event_log_2026"))
    assert warned.remarks == ("Warning: EventC is not responding",)


def test_a_torn_line_in_front_of_the_rows_is_irregular() -> None:
    whole = sample("event_log_2019")
    for start in (3, 9, 14, 20, 26):
        parsed = parse(whole[start:])
        assert (len(parsed.time), parsed.rows.irregular_lines) == (2, 1), start
        assert parsed.rows.irregular_places.tolist() == [0]
        assert parsed.rows.preamble == ()


def test_a_preamble_that_echoes_the_command_is_no_error() -> None:
    parsed = parse(b"event_log/event=00\n13-AUG-2026 00:00:00\n" + sample("event_log_2019"))
    assert len(parsed.time) == 3


def test_wall_times_that_do_not_exist_are_left_out_and_counted() -> None:
    parsed = parse(
        b"08-MAR-2026 01:59:59.000 0\n08-MAR-2026 02:30:00.000 0\n08-MAR-2026 03:00:00.000 0\n"
    )
    assert np.diff(parsed.time).tolist() == [SECOND]
    assert parsed.impossible_times == 1


def test_a_repeated_hour_without_a_step_back_is_taken_early_and_counted() -> None:
    parsed = parse(b"01-NOV-2026 00:30:00.000 0\n01-NOV-2026 01:10:00.000 0\n")
    assert np.diff(parsed.time).tolist() == [40 * 60 * SECOND]
    assert parsed.ambiguous_times == 1


def test_disorder_of_neighbours_is_not_taken_for_the_second_pass() -> None:
    parsed = parse(
        b"01-NOV-2026 01:10:00.100 0\n01-NOV-2026 01:10:00.000 0\n01-NOV-2026 01:20:00.000 0\n"
    )
    assert np.diff(parsed.time).tolist() == [-SECOND // 10, 600 * SECOND]
    assert parsed.ambiguous_times == 3


def test_a_row_that_came_late_is_not_taken_for_the_second_pass() -> None:
    """The hour comes twice, and this event was seen in one pass of it only."""
    true = to_microseconds(FALL_BACK) + 3600 * SECOND + 5 * SECOND * np.arange(700)
    wall = true - 5 * 3600 * SECOND
    wall[300], wall[301] = wall[301], wall[300] + 1
    placed = local_to_utc(wall)
    assert (placed.time - 5 * 3600 * SECOND == wall).all()
    assert placed.ambiguous == 700


def test_a_step_back_by_minutes_is_the_best_guess_and_counted() -> None:
    parsed = parse(b"01-NOV-2026 01:10:00.000 0\n01-NOV-2026 01:05:00.000 0\n")
    assert np.diff(parsed.time).tolist() == [55 * 60 * SECOND]
    assert parsed.ambiguous_times == 2


def test_a_day_with_both_passes_at_15_hertz_is_exact() -> None:
    true = to_microseconds(FALL_BACK) + 66_650 * np.arange(200_000)
    offset = np.where(true < to_microseconds(FALL_BACK + timedelta(hours=2)), -5, -6)
    placed = local_to_utc(true + offset * 3600 * SECOND)
    assert placed.time.tolist() == true.tolist()


def _from(start: datetime) -> st.SearchStrategy[list[datetime]]:
    offsets = st.lists(st.integers(0, 6 * 3600 * 1000), min_size=1, max_size=40)
    return offsets.map(lambda each: [start + timedelta(milliseconds=ms) for ms in sorted(each)])


ordinary = datetime(2026, 8, 13, tzinfo=UTC)
instants = _from(FALL_BACK) | _from(SPRING_FORWARD) | _from(ordinary)


def _tells_the_passes_apart(times: list[datetime]) -> bool:
    """Whether the order shows where the second pass begins, or there is nothing to tell apart."""
    wall = [t.astimezone(ACCELERATOR_ZONE).replace(tzinfo=None) for t in times]
    second = [t.astimezone(ACCELERATOR_ZONE).fold == 1 for t in times]
    if not any(second):
        return True
    place = second.index(True)
    return place > 0 and wall[place - 1] - wall[place] >= timedelta(seconds=1)


@settings(max_examples=300, deadline=None)
@given(instants)
def test_any_occurrences_in_order_survive_text_and_back(times: list[datetime]) -> None:
    parsed = parse(log_text(times))
    true = [to_microseconds(time) for time in times]
    if _tells_the_passes_apart(times):
        assert parsed.time.tolist() == true
    else:
        assert parsed.ambiguous_times > 0
    assert parsed.impossible_times == 0
