"""Rules on ledgers and numbers: pass, fail, and not evaluable where what they need is not known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gmpsai_assets.quality.completeness import day_ledger
from gmpsai_assets.quality.rules import day_is_complete, shortcoming, ticks_match_the_window
from gmpsai_assets_tests.machine_time.line_locked import Recorded, hour, ticks

WINDOW = hour()
NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
WHOLE = ticks(WINDOW)
UNKNOWN = {"kind": "rate unknown", "start": None, "end": None, "detail": "no answer"}
FAILED = {"kind": "request failed", "start": None, "end": None, "detail": "no answer"}


def _unknown(name: str, state: str, *findings: dict[str, Any]) -> Recorded:
    outcome = {"state": state, "findings": list(findings)}
    return Recorded(name, WHOLE, nominal_rate_hz=None, outcome=outcome, rate_from="unknown")


def test_ticks_are_judged_against_the_window() -> None:
    assert ticks_match_the_window(1_295_750, 1_296_000).passed
    assert not ticks_match_the_window(1_242_000, 1_296_000).passed
    assert not ticks_match_the_window(0, 0).passed


@pytest.mark.parametrize(
    ("device", "words", "result"),
    [
        (_unknown("B:A", "partial", UNKNOWN), "rate unknown, not evaluable", "not evaluable"),
        # A day of an older version calls it complete, and does not say where its rate is known from.
        (_unknown("B:A", "complete"), "rate unknown, not evaluable", "not evaluable"),
        (_unknown("B:A", "partial", FAILED), "partial, rate unknown, not evaluable", "fail"),
        (_unknown("B:A", "failed"), "failed, rate unknown, not evaluable", "fail"),
        (Recorded("B:A", WHOLE, nominal_rate_hz=None, rate_from="event lists"), "", "pass"),
        (Recorded("B:A", ticks(WINDOW, range(900))), "a gap of 60.0 s", "fail"),
        (Recorded("B:A", WHOLE), "", "pass"),
    ],
)
def test_what_could_not_be_judged_has_not_passed(device: Recorded, words: str, result: str) -> None:
    ledger = day_ledger([device, Recorded("B:B", WHOLE)], WINDOW)
    assert shortcoming(ledger[0]).startswith(words)
    assert bool(shortcoming(ledger[0])) == bool(words)
    found = day_is_complete(ledger, NOW)
    assert (found.result, found.passed) == (result, result == "pass")
    assert found.numbers["devices_not_evaluable"] == ("not evaluable" in words)


def test_a_device_that_is_known_to_be_short_is_named_before_those_that_cannot_be_judged() -> None:
    devices = [_unknown("B:A", "partial", UNKNOWN), Recorded("B:B", ticks(WINDOW, range(900)))]
    found = day_is_complete(day_ledger(devices, WINDOW), NOW)
    assert found.result == "fail"
    assert found.reason.startswith("2 of 2 devices: B:B: a gap of")
    assert "; B:A: rate unknown, not evaluable" in found.reason
    assert (found.numbers["devices_short"], found.numbers["devices_not_evaluable"]) == (1, 1)


def test_a_ledger_of_an_older_version_does_not_say_where_a_rate_is_known_from() -> None:
    ledger = day_ledger([_unknown("B:A", "complete")], WINDOW)
    for row in ledger:
        del row["rate_from"]
    assert day_is_complete(ledger, NOW).result == "not evaluable"
