"""From the service to the ledger: what a fault took away is what the ledger says is missing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.options import FetchOptions, RequestLimits
from gmpsai_assets.fetch.parameters import pull_parameters
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.parameter_days import parameter_days
from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete

DAY = "2026-03-10"
NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
DEVICES = ("B:LINFRQ", "B:VIMIN", "B:VIMAX")
Lists = Callable[..., tuple[ParameterList, ...]]


def _ledger(
    datalogger: DataLogger,
    lake: Lake,
    lists: tuple[ParameterList, ...],
    *,
    allow_partial: bool = False,
) -> dict[str, Any]:
    limits = RequestLimits(smallest_span_seconds=3_600)
    options = FetchOptions(connections=2, limits=limits, allow_partial=allow_partial)
    pull_parameters(datalogger, lake, DAY, lists, options)
    rows = day_ledger(list(parameter_days(lake, DAY)), day_window(DAY))
    return {row["parameter"]: row for row in rows}


def test_gaps_of_the_logger_are_counted_to_the_tick_and_told_apart_by_scope(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults(
        "gap,start=2026-03-10T10:00:00,seconds=30",
        "gap,device=B:VIMAX,start=2026-03-10T20:00:00,seconds=60",
    )
    ledger = _ledger(datalogger, lake, lists(",".join(f"MLrn {name}" for name in DEVICES)))
    recorded = {each.parameter: each.outcome["tier_seconds"] for each in parameter_days(lake, DAY)}
    for name, row in ledger.items():
        assert row["tier_seconds"] == recorded[name] == 0.0667
        truth, _ = laboratory.machine.samples(name, day_window(DAY))
        received = lake.parameter_rows(name, DAY)["time"].cast("int64").to_numpy()
        taken = np.setdiff1d(truth, received).size
        assert taken == (1_350 if name == "B:VIMAX" else 450)
        assert row["missing"] == taken + 1  # the cycle that each device loses in a day
        long = [gap for gap in row["gaps"] if gap["seconds"] > 1]
        assert [gap["scope"] for gap in long] == ["common", "device"][: len(long)]
        assert {gap["cause"] for gap in long} == {"source"}
    assert len([h for h in ledger["B:VIMAX"]["gaps"] if h["seconds"] > 1]) == 2
    result = day_is_complete(list(ledger.values()), NOW)
    assert not result.passed
    assert "B:VIMAX: a gap of 60" in result.reason


def test_a_device_without_values_is_in_the_ledger_with_all_its_ticks(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("no-values,device=B:VIMAX")
    ledger = _ledger(datalogger, lake, lists("MLrn B:LINFRQ,MLrn B:VIMAX"))
    row = ledger["B:VIMAX"]
    assert (row["state"], row["received"]) == ("no data", 0)
    assert row["missing"] == row["expected"] == ledger["B:LINFRQ"]["expected"]
    assert [gap["asked_again"] for gap in row["gaps"]] == [True]
    assert "B:VIMAX: no data" in day_is_complete(list(ledger.values()), NOW).reason


GAP = "gap,device=B:VIMAX,start=2026-03-10T20:00:00"


def _told(row: dict[str, Any], least: int) -> list[tuple[str, bool]]:
    """Cause of each gap of so many samples or more, and whether it was asked for again."""
    return [(gap["cause"], gap["asked_again"]) for gap in row["gaps"] if gap["missing"] >= least]


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ((f"{GAP},seconds=60",), [("source", True)]),
        # The first answer lacks six samples, the second one two of them.
        ((f"{GAP},seconds=0.4,first=1", f"{GAP},seconds=0.13"), [("source", True)]),
        # The device is not whole for another reason.
        (
            (
                f"{GAP},seconds=60",
                "http-503,device=B:VIMAX,start=2026-03-10T05:00:00,seconds=60",
            ),
            [("request", False), ("source", True)],
        ),
        (
            (f"{GAP},seconds=60", "http-503,device=B:VIMAX,start=2026-03-10T20:00:00,skip=1"),
            [("request", False)],
        ),
        (("tier-1s,device=B:VIMAX",), [("slower tier", True)]),
    ],
    ids=["a gap", "what is left of one", "beside a failed request", "not answered again", "slower"],
)
def test_the_ledger_says_whether_a_second_answer_had_nothing_either(
    datalogger: DataLogger,
    laboratory: EmulatorService,
    lake: Lake,
    lists: Lists,
    faults: tuple[str, ...],
    told: list[tuple[str, bool]],
) -> None:
    laboratory.set_faults(*faults)
    ledger = _ledger(datalogger, lake, lists("MLrn B:VIMAX"), allow_partial=True)
    assert _told(ledger["B:VIMAX"], least=2) == told
    if told == [("source", True)]:
        single = [gap["asked_again"] for gap in ledger["B:VIMAX"]["gaps"] if gap["missing"] == 1]
        assert single == [False], "a lost cycle is not asked about"
