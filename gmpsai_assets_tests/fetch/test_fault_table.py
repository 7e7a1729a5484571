"""Every fault of the emulator at three seeds: named, repaired where that is possible, and never passed as data."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from gmpsai_assets.emulator.faults import (
    CONNECTION_FAULTS,
    NOTATION_FAULTS,
    REPLY_FAULTS,
    ROW_FAULTS,
)
from gmpsai_assets.fetch.outcome import FINISHED
from gmpsai_assets_tests.fetch.fault_table import (
    BEGIN,
    CASES,
    END,
    EVENT_CASES,
    MOVING_CASES,
    Case,
    Laboratory,
    Result,
    laboratory,
)

pytestmark = pytest.mark.system

SEEDS = (1, 2, 3)
COUNTED = {"duplicates", "out of order", "outside window"}
"""Findings about the way rows came, which leave nothing missing and nothing wrong."""

FAULTS_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.fixture(scope="module")
def laboratories() -> Iterator[list[Laboratory]]:
    with ExitStack() as stack:
        yield [stack.enter_context(laboratory(seed)) for seed in SEEDS]


def _everywhere(laboratories: list[Laboratory], case: Case, duration: int) -> list[Result]:
    with ThreadPoolExecutor(len(laboratories)) as pool:
        return list(pool.map(lambda where: where.result(case, duration), laboratories))


def _name(case: Case) -> str:
    return f"{case.subject} {case.fault}"


def test_the_table_holds_every_fault_of_the_emulator() -> None:
    known = CONNECTION_FAULTS | REPLY_FAULTS | NOTATION_FAULTS | ROW_FAULTS
    assert {case.fault.partition(",")[0] for case in CASES} - known == {
        f"http-{status}" for status in (403, 404, 413, 500, 502, 503, 504)
    }
    assert known <= {case.fault.partition(",")[0] for case in CASES}


@pytest.mark.parametrize("case", [*CASES, *EVENT_CASES], ids=_name)
def test_a_fault_has_the_same_outcome_at_every_seed(
    laboratories: list[Laboratory], case: Case
) -> None:
    for duration, state in enumerate(case.states):
        for result in _everywhere(laboratories, case, duration):
            assert result.answer.state == state
            assert result.answer.requests == _requests_on_the_page(case)[duration]
            _assert_honest(result)
            if duration == 2:
                assert result.open_kinds == case.named
            elif duration == 0 and state == "complete":
                assert result.equal
                assert result.open_kinds <= COUNTED


def _assert_honest(result: Result) -> None:
    """What is not equal to the clean data is named; what is not finished is not published."""
    answer = result.answer
    if not result.equal:
        assert result.open_kinds - COUNTED or answer.state == "no data"
    if answer.state not in FINISHED:
        assert result.open_kinds
        assert answer.outcome("B:VIMIN").reason
    if answer.state in ("refused", "failed", "no data"):
        assert answer.table.num_rows == 0
        assert answer.remark


def _cells_on_the_page(case: Case) -> list[str]:
    text = FAULTS_PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    devices, _, events = text.partition("### An event")
    lines = (events if case.subject.startswith("$") else devices).splitlines()
    (row,) = [line for line in lines if line.startswith(f"| `{case.fault}` |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def _requests_on_the_page(case: Case) -> list[int]:
    return [int(number) for number in _cells_on_the_page(case)[6].split("/")]


@pytest.mark.parametrize("case", MOVING_CASES, ids=_name)
def test_answers_that_contradict_each_other_are_not_believed(
    laboratories: list[Laboratory], case: Case
) -> None:
    for result in _everywhere(laboratories, case, 2):
        assert result.answer.state == "partial"
        assert case.named <= result.open_kinds
        assert "contradict" in result.answer.outcome("B:VIMIN").reason


def test_a_clean_answer_takes_one_request(laboratories: list[Laboratory]) -> None:
    for where in laboratories:
        for subject in ("B:VIMIN", "B:NGMPS", "$0C"):
            clean = where.clean(subject)
            assert (clean.state, clean.requests, clean.findings) == ("complete", 1, ())


def test_the_page_for_operators_says_what_was_measured() -> None:
    for case in [*CASES, *EVENT_CASES]:
        cells = _cells_on_the_page(case)
        assert [cell.removesuffix(" ≠") for cell in cells[2:5]] == list(case.states)
        assert cells[5] == (", ".join(sorted(case.named)) or "–")
