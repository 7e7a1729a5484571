"""Days of values that are no numbers: never complete for it, their texts kept, and what a usual share is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gmpsai_assets.acnet.clock import Window, day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import Outcome
from gmpsai_assets.fetch.parameters import ParameterPull, pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import ParameterDay, parameter_days
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import Result, day_is_complete
from gmpsai_assets_tests.fetch.asking_for import ask_for

DAYS = ("2026-03-09", "2026-03-10", "2026-03-11")
DAY = DAYS[1]
SLOW = "NuMI2 E:DURL01"
"""A device of one sample a minute: a day of it is 1,440 rows."""
SAMPLES = 1440
NOW = datetime(2026, 3, 12, 6, tzinfo=UTC)

Lists = Callable[..., tuple[ParameterList, ...]]


@pytest.fixture
def pull(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> Callable[..., ParameterPull]:
    """Pull a day with faults."""

    def pulled(day: str, *faults: str, allow_partial: bool = False) -> ParameterPull:
        laboratory.set_faults(*faults)
        options = FetchOptions(connections=1, allow_partial=allow_partial)
        return pull_parameters(datalogger, lake, day, lists(SLOW), options)

    return pulled


def _outcome(pull: ParameterPull) -> Outcome:
    return pull.outcomes["NuMI2"][0]


def _day(lake: Lake, day: str = DAY) -> ParameterDay:
    (one,) = parameter_days(lake, day)
    return one


def _checked(lake: Lake, day: str = DAY) -> tuple[dict[str, object], Result]:
    (row,) = ledger = day_ledger([_day(lake, day)], day_window(day))
    return row, day_is_complete(ledger, NOW)


Pull = Callable[..., ParameterPull]
ALL = {
    "stars,every=1": "*****",
    "nan,every=1": "NaN",
    "text,every=1": "Off",
    "hex-words": "0",
    "hex-words,every=7": "0",
    "decimal-commas": ",",
}


@pytest.mark.parametrize(("fault", "text"), ALL.items())
def test_a_day_without_a_number_is_not_published_as_complete(
    pull: Pull, lake: Lake, fault: str, text: str
) -> None:
    with pytest.raises(PullFailedError, match=r"E:DURL01 \(partial\): not a number") as failed:
        pull(DAY, fault)
    assert text in failed.value.failures[0].reason
    assert failed.value.deadlines[0]
    outcome = _outcome(pull(DAY, fault, allow_partial=True))
    assert (outcome.state, outcome.rows, outcome.not_a_number) == ("partial", SAMPLES, SAMPLES)
    assert any(text in each for each in outcome.not_a_number_examples)
    assert any(text in each.detail for each in outcome.findings)
    row, result = _checked(lake)
    assert (row["received"], row["numbers"], row["not_a_number"]) == (SAMPLES, 0, SAMPLES)
    assert row["not_a_number_examples"] == " ".join(outcome.not_a_number_examples)
    assert row["obtainable_until"] is not None
    assert not result.passed
    assert f"1,440 of 1,440 values are no numbers, such as {outcome.not_a_number_examples[0]}" in (
        result.reason
    )


@pytest.mark.parametrize("fault", ALL)
def test_a_passing_fault_is_asked_about_and_costs_nothing(
    pull: Pull, lake: Lake, fault: str
) -> None:
    outcome = _outcome(pull(DAY, f"{fault},verb=logger_get,first=1"))
    assert (outcome.state, outcome.not_a_number) == ("complete", 0)
    assert outcome.not_a_number_examples == ()
    assert outcome.findings
    assert all(each.repaired for each in outcome.findings)
    row, result = _checked(lake)
    assert (row["numbers"], result.passed) == (SAMPLES, True)


@pytest.mark.parametrize("fault", ["stars,every=1", "hex-words", "decimal-commas"])
def test_a_later_pull_takes_the_numbers(pull: Pull, lake: Lake, fault: str) -> None:
    with pytest.raises(PullFailedError):
        pull(DAY, fault)
    outcome = _outcome(pull(DAY))
    assert (outcome.state, outcome.not_a_number) == ("complete", 0)
    pull(DAYS[2], fault, allow_partial=True)
    outcome = _outcome(pull(DAYS[2]))
    assert (outcome.state, outcome.not_a_number) == ("complete", 0)
    assert _checked(lake, DAYS[2])[1].passed


def test_d_exponents_are_the_same_day(pull: Pull, lake: Lake) -> None:
    pull(DAY)
    clean = _day(lake).read()
    assert _outcome(pull(DAYS[2], "d-exponents")).state == "complete"
    pull(DAY, "d-exponents")
    assert _day(lake).read().equals(clean)


def test_a_small_share_is_a_finding_and_no_shortcoming_of_the_pull(pull: Pull, lake: Lake) -> None:
    outcome = _outcome(pull(DAY, "stars,every=120"))
    few = outcome.not_a_number
    assert (outcome.state, 12 <= few <= 14) == ("complete", True)
    assert "'*****'" in str(outcome.findings[0])
    row, result = _checked(lake)
    assert (row["numbers"], row["completeness"]) == (SAMPLES - few, 1.0)
    assert not result.passed
    assert f"{few} of 1,440 values are no numbers, such as *****" in result.reason


def test_more_than_a_small_share_is_not_complete_unless_it_is_usual(pull: Pull) -> None:
    with pytest.raises(PullFailedError, match=r"144 of 1,440 values are no numbers"):
        pull(DAYS[0], "stars,every=10")
    pull(DAYS[0], "stars,every=10", allow_partial=True)
    assert _outcome(pull(DAYS[1], "stars,every=10")).state == "complete"
    with pytest.raises(PullFailedError, match=r"480 of 1,440 .* usual is a share of 0\.1"):
        pull(DAYS[2], "stars,every=3")


@pytest.mark.parametrize("fault", ["text,every=1", "hex-words"])
def test_a_device_that_never_had_a_number_holds_no_day_back(
    pull: Pull, lake: Lake, fault: str
) -> None:
    pull(DAYS[0], fault, allow_partial=True)
    outcome = _outcome(pull(DAYS[1], fault))
    assert (outcome.state, outcome.rows) == ("no data", SAMPLES)
    assert "nor was any on the days before" in outcome.remark
    row, result = _checked(lake)
    assert (row["state"], row["received"], row["numbers"]) == ("no data", SAMPLES, 0)
    assert not result.passed
    assert _outcome(pull(DAYS[2], fault)).state == "no data"
    assert _outcome(pull(DAYS[2])).state == "complete"
    assert _checked(lake, DAYS[2])[1].passed


def test_the_texts_stand_in_the_metadata_of_the_file(pull: Pull, lake: Lake) -> None:
    (file,) = pull(DAY, "nan,every=1", allow_partial=True).files
    (recorded,) = read_metadata(file)["outcomes"]
    assert json.loads(json.dumps(recorded))["not_a_number_examples"] == ["NaN"]
    assert Outcome(**recorded).not_a_number_examples == ("NaN",)


def test_a_day_of_an_older_version_that_was_complete_without_a_number_does_not_pass(
    pull: Pull, lake: Lake
) -> None:
    pull(DAY, "stars,every=1", allow_partial=True)
    day = _day(lake)
    old = {**day.outcome, "state": "complete"}
    del old["not_a_number_examples"]
    old_day = ParameterDay(day.file, day.node, day.parameter, day.nominal_rate_hz, outcome=old)
    result = day_is_complete(day_ledger([old_day], day_window(DAY)), NOW)
    assert not result.passed
    assert "1,440 of 1,440 values are no numbers" in result.reason


# What looks like numbers in one piece is decided with the others.
HOUR = Window(datetime(2026, 3, 10, 16, tzinfo=UTC), datetime(2026, 3, 10, 17, tzinfo=UTC))


def test_a_piece_of_digits_alone_is_not_read_where_another_piece_has_hex_words(
    pull: Pull, lake: Lake
) -> None:
    noon = "start=2026-03-10T12:00:00,end=2026-03-11T00:00:00"
    # The day fails whole and comes in pieces; those of the morning are plain numbers.
    faults = ("http-504,verb=logger_get,first=3", f"hex-words,{noon}")
    outcome = _outcome(pull(DAY, *faults, allow_partial=True))
    assert (outcome.state, outcome.not_a_number) == ("partial", SAMPLES)
    assert outcome.stands("other notation")


def test_a_draft_of_digits_alone_is_not_read_where_the_rest_has_hex_words(
    pull: Pull, lake: Lake
) -> None:
    with pytest.raises(PullFailedError):
        pull(DAY, "http-504,start=2026-03-10T12:00:00,seconds=60")
    outcome = _outcome(pull(DAY, "hex-words", allow_partial=True))
    assert (outcome.state, outcome.not_a_number) == ("partial", outcome.rows)
    assert outcome.stands("other notation")
    outcome = _outcome(pull(DAY))
    assert (outcome.state, outcome.not_a_number, outcome.rows) == ("complete", 0, SAMPLES)


def test_a_published_part_of_digits_is_not_kept_beside_hex_words(pull: Pull, lake: Lake) -> None:
    pull(DAY, "http-504,start=2026-03-10T12:00:00,seconds=60", allow_partial=True)
    assert _day(lake).without_number() == 0
    outcome = _outcome(pull(DAY, "hex-words", allow_partial=True))
    assert (outcome.not_a_number, outcome.rows) == (SAMPLES, SAMPLES)
    assert _day(lake).read()["value"].null_count == SAMPLES


def test_a_complete_published_day_keeps_its_numbers(pull: Pull, lake: Lake) -> None:
    pull(DAY)
    clean = _day(lake).read()
    for fault in ("hex-words", "stars,every=1"):
        outcome = _outcome(pull(DAY, fault, allow_partial=True))
        assert (outcome.state, outcome.not_a_number) == ("complete", 0)
        assert _day(lake).read().equals(clean)


def test_hex_words_in_a_span_that_is_asked_for_again_decide_for_the_whole(
    datalogger: DataLogger, laboratory: EmulatorService, lists: Lists
) -> None:
    (parameter,) = lists("MLrn B:VIMIN")[0].parameters
    laboratory.set_faults("gap,first=1", "hex-words,skip=1")

    def fetch(window: Window) -> SampleReply:
        return datalogger.samples(parameter, window)

    answer: Answer = ask_for(fetch, HOUR, nominal_rate_hz=15)
    assert answer.state == "partial"
    assert answer.table["value"].null_count == answer.table.num_rows
