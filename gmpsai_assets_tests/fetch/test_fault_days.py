"""Every fault against a whole day of a device, pulled and published: the clean day, what is named, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pytest

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.outcome import FINISHED, Outcome
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import PARAMETER_DATA
from gmpsai_assets_tests.fetch.conftest import NOW
from gmpsai_assets_tests.fetch.fault_table import ATTEMPTS, CASES, Case
from gmpsai_assets_tests.fetch.test_fault_table import COUNTED

pytestmark = pytest.mark.system

DAY = "2026-03-10"
SEEDS = (1, 2, 3)
ONCE, FOR_GOOD = 0, 2
OF_A_WHOLE_DAY = {"rows-487,pages=2": "partial"}
"""A day has more pages than are followed."""

Lists = Callable[..., tuple[ParameterList, ...]]
_OF_THE_CLIENT = ("hang", "slow", "http-502", "http-503", "http-504")
"""What these do is the client's affair, whatever the length of the window."""
RUNS = [
    (case, duration, SEEDS[(place + duration) % len(SEEDS)])
    for place, case in enumerate(CASES)
    if not case.fault.startswith(_OF_THE_CLIENT)
    for duration in (ONCE, FOR_GOOD)
]


@pytest.fixture(scope="module")
def services() -> Iterator[dict[int, EmulatorService]]:
    with ExitStack() as stack:
        yield {
            seed: stack.enter_context(running_emulator(EmulatorOptions(now=NOW, seed=seed)))
            for seed in SEEDS
        }


@pytest.fixture(scope="module")
def clean_days() -> dict[tuple[int, str], pa.Table]:
    """Clean rows by seed and device, once they were pulled."""
    return {}


def _pull(
    service: EmulatorService, lake: Lake, lists: tuple[ParameterList, ...], *faults: str
) -> Outcome:
    service.set_faults(*faults)
    retry = RetryPolicy(attempts=ATTEMPTS, first_delay=0, longest_delay=0)
    try:
        with AclClient(service.url, retry=retry) as client:
            pull = pull_parameters(
                DataLogger(client), lake, DAY, lists, FetchOptions(connections=1)
            )
    finally:
        service.set_faults()
    return pull.outcomes["MLrn"][0]


@pytest.mark.parametrize(
    ("case", "duration", "seed"),
    RUNS,
    ids=[f"{case.fault} {'once' if not duration else 'stays'}" for case, duration, _ in RUNS],
)
def test_a_day_is_published_as_the_clean_one_or_with_what_is_named_or_not_at_all(
    services: dict[int, EmulatorService],
    clean_days: dict[tuple[int, str], pa.Table],
    lists: Lists,
    tmp_path: Path,
    case: Case,
    duration: int,
    seed: int,
) -> None:
    service, wanted = services[seed], lists(f"MLrn {case.subject}")
    if (seed, case.subject) not in clean_days:
        _pull(service, Lake(tmp_path / "clean"), wanted)
        clean = Lake(tmp_path / "clean").parameter_rows(case.subject, DAY)
        clean_days[seed, case.subject] = clean
    lake = Lake(tmp_path / "data")
    fault = ",".join(filter(None, [case.fault, "first=1" if duration == ONCE else case.place]))
    state = case.states[duration]
    if duration == FOR_GOOD:
        state = OF_A_WHOLE_DAY.get(case.fault, state)
    if state not in FINISHED:
        with pytest.raises(PullFailedError) as caught:
            _pull(service, lake, wanted, fault)
        assert [each.subject for each in caught.value.failures] == [case.subject]
        assert caught.value.failures[0].state == state
        assert lake.published_days(PARAMETER_DATA) == []
        return
    outcome = _pull(service, lake, wanted, fault)
    assert outcome.state == state
    if state == "no data":
        assert outcome.remark == "No values found"
        return
    equal = lake.parameter_rows(case.subject, DAY).equals(clean_days[seed, case.subject])
    named = {finding.kind for finding in outcome.findings if not finding.repaired}
    if duration == ONCE:
        assert equal
        assert named <= COUNTED
    else:
        assert equal or named - COUNTED
        assert named == case.named
    assert outcome.requests <= 6
