"""The completeness ledger of a day: for each device what was expected, what came, and what is missing.

Here each device is counted and all are put together; how gaps are found, and why they are there, is in ``gaps`` and
``causes``.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.retention import obtainable_until
from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets.fetch.outcome import NOT_READ, State, first_unsettled, kinds_that_stand
from gmpsai_assets.lake.parameter_days import ParameterDay
from gmpsai_assets.machine_time.line_clock import (
    LINE_FREQUENCY_DEVICE,
    LineClock,
    expected_ticks,
    line_clock,
)
from gmpsai_assets.quality.causes import (
    DeviceGaps,
    asked_again,
    causes,
    may_be_fetched,
    scopes,
)
from gmpsai_assets.quality.gaps import Gaps, find_gaps, no_gaps

_THREADS = 2
"""Devices counted at a time: each is in memory meanwhile, and a machine of two cores is busy with two."""

_COUNTS = ("duplicates", "out_of_order", "outside_window", "ambiguous_times")
_EFFORT = {"bytes_received": "bytes_received", "seconds": "seconds_spent", "requests": "requests"}


@dataclass(frozen=True)
class Account:
    """What one device has and lacks.

    Attributes:
        device: the device.
        expected: ticks of the line-locked clock in the day; None if its rate is not known.
        received: samples.
        without_number: those that hold no number.
        first: the first sample, microseconds since 1970 UTC; None without any.
        last: the last one.
        tier_seconds: the most frequent interval.
        gaps: where it has none.
    """

    device: ParameterDay
    expected: int | None
    received: int
    without_number: int
    first: int | None
    last: int | None
    tier_seconds: float | None
    gaps: Gaps


def day_ledger(
    parameters: Sequence[ParameterDay],
    window: Window,
    effort: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The rows of ``completeness`` for one day, in the order given.

    Args:
        parameters: all devices of all nodes.
        window: the day.
        effort: by device name ``bytes_received``, ``seconds`` and ``requests`` of its pull, where known.

    Returns:
        One dict per device with the columns of the table; times are microseconds since 1970 UTC.
    """
    line = next((p.read() for p in parameters if p.parameter == LINE_FREQUENCY_DEVICE), None)
    clock = line_clock(window, line)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="ledger") as pool:
        accounts = list(pool.map(lambda each: account_of(each, clock), parameters))
    widths = _scopes(accounts)
    return [
        _row(account, scope, clock, (effort or {}).get(account.device.parameter, {}))
        for account, scope in zip(accounts, widths, strict=True)
    ]


def account_of(device: ParameterDay, clock: LineClock) -> Account:
    """Count one device."""
    times, rate = device.times(), device.nominal_rate_hz
    return Account(
        device=device,
        expected=None if rate is None else expected_ticks(clock, rate),
        received=times.size,
        without_number=device.without_number(),
        first=int(times[0]) if times.size else None,
        last=int(times[-1]) if times.size else None,
        tier_seconds=tier_seconds(times, None if rate is None else 1e6 / rate),
        gaps=no_gaps() if rate is None else find_gaps(times, clock, rate),
    )


def _scopes(accounts: Sequence[Account]) -> list[Sequence[str]]:
    """The scope of each gap; devices whose rate is not known have none and cannot show those of others."""
    rates = [account.device.nominal_rate_hz for account in accounts]
    known = [
        DeviceGaps(account.device.node, 1 / rate, account.received, account.gaps)
        for account, rate in zip(accounts, rates, strict=True)
        if rate is not None
    ]
    found = iter(scopes(known))
    return [[] if rate is None else next(found) for rate in rates]


def _row(
    account: Account, scope: Sequence[str], clock: LineClock, effort: Mapping[str, Any]
) -> dict[str, Any]:
    device, gaps, outcome = account.device, account.gaps, account.device.outcome
    received, expected = account.received, account.expected
    without_number = account.without_number
    missing = None if expected is None else int(gaps.missing.sum())
    state: State = outcome.get("state") or ("complete" if received else "no data")
    rows = _gap_rows(account, scope, clock.window)
    deadlines = [each["obtainable_until"] for each in rows if each["obtainable_until"] is not None]
    asked_for_more = expected is None or bool(NOT_READ & kinds_that_stand(outcome))
    unsettled = first_unsettled(outcome, clock.window) if asked_for_more else None
    if unsettled is not None:
        deadlines.append(obtainable_until(unsettled, device.kept_days))
    return {
        "parameter": device.parameter,
        "node": device.node,
        "state": state,
        "nominal_rate_hz": device.nominal_rate_hz,
        "rate_from": device.rate_from,
        "line_offset_mhz": clock.mean_offset_mhz,
        "line_readings_left_out": clock.readings_left_out,
        "expected": expected,
        "received": received,
        "numbers": received - without_number,
        "missing": missing,
        "unexplained": None if missing is None else (expected or 0) - received - missing,
        "obtainable_until": min(deadlines, default=None),
        "completeness": received / expected if expected else None,
        **{name: outcome.get(name, 0) for name in _COUNTS},
        "not_a_number": without_number,
        "not_a_number_examples": " ".join(outcome.get("not_a_number_examples", ())),
        "first_sample": account.first,
        "last_sample": account.last,
        "tier_seconds": account.tier_seconds,
        "gap_count": None if expected is None else int(gaps.joined.sum()),
        "longest_gap_seconds": None if expected is None else float(gaps.seconds.max(initial=0.0)),
        "gaps": rows,
        "findings": [_finding_row(finding) for finding in outcome.get("findings", ())],
        **{column: effort.get(name) for name, column in _EFFORT.items()},
    }


def _gap_rows(account: Account, scope: Sequence[str], window: Window) -> list[dict[str, Any]]:
    gaps, outcome, kept = account.gaps, account.device.outcome, account.device.kept_days
    why = causes(gaps, outcome, window)
    columns = {
        "start": gaps.start.tolist(),
        "seconds": gaps.seconds.tolist(),
        "missing": gaps.missing.tolist(),
        "samples_inside": gaps.inside.tolist(),
        "cause": why,
        "asked_again": asked_again(gaps, outcome, window),
        "scope": scope,
        "obtainable_until": [
            obtainable_until(start, kept) if obtainable else None
            for start, obtainable in zip(gaps.start.tolist(), may_be_fetched(why), strict=True)
        ],
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _finding_row(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding as the table holds it; one of another version may lack what it does not say."""
    row = {name: finding.get(name) for name in ("kind", "start", "end")}
    return {
        **row,
        "detail": finding.get("detail", ""),
        "repaired": finding.get("repaired", False),
    }
