"""At which rate each parameter is logged, and where that is known from.

A parameter list names it; else the service is asked; and where that cannot say it now, the published days nearest to
this one do. What is made of a rate that nobody knows is decided in ``day_file``.
"""

import logging
import math
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.errors import (
    AcnetError,
    HttpRefused,
    ServiceRefused,
    StoppedError,
    TransientError,
)
from gmpsai_assets.acnet.parameter_lists import Parameter, ParameterList
from gmpsai_assets.acnet.replies.logger_lists import LoggerList
from gmpsai_assets.acnet.retrying import at_most
from gmpsai_assets.fetch.outcome import RATE_CHANGED, RATE_UNKNOWN, Finding
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.json_objects import member
from gmpsai_assets.lake.parquet import read_metadata
from gmpsai_assets.lake.schemas import PARAMETER_DATA, RATE_NOT_KNOWN
from gmpsai_assets.lake.stored_file import DamagedFileError, damage_named

PARAMETER_LIST = "parameter list"
LOGGER_LISTS = "logger lists"
EVENT_LISTS = "event lists"
"""The logger keeps a sample when something happens; so there is no rate, and that is known."""
PUBLISHED_DAY = "published day"

FASTEST = "fastest"
"""The node name by which a request lets the service take the fastest list of any node."""

_SILENT_AFTER = 3
"""So many devices in a row without an answer, and no further one is asked about. Chosen: one may have met the moment
in which a service failed, three in a row have met a service that is down."""

_MOST_DAYS = 366
"""Published days that are looked through for a rate, on either side. Chosen: a year covers any shutdown, and takes a
second."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rate:
    """What is known of the rate of one parameter.

    Attributes:
        hertz: samples a second; None if there is no rate, or if it is not known.
        known_from: ``parameter list``, ``logger lists``, ``event lists``, ``published day YYYY-MM-DD`` or ``unknown``.
        why_unknown: why the service does not say it; empty where it does.
        change: how it differs from that of the published days before; empty where it does not.
    """

    hertz: float | None
    known_from: str
    why_unknown: str = ""
    change: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the rate is known; that there is none is known, too."""
        return self.known_from != RATE_NOT_KNOWN

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be recorded with the parameter's outcome."""
        if not self.is_known:
            detail = f"{self.why_unknown}; whether samples are missing cannot be judged"
            return (Finding(RATE_UNKNOWN, detail=detail),)
        return (Finding(RATE_CHANGED, detail=self.change),) if self.change else ()

    def __str__(self) -> str:
        return "no rate" if self.hertz is None else f"{self.hertz:.6g} Hz"


Rates = dict[Parameter, Rate]


def list_of(parameter: Parameter, lists: Sequence[ParameterList]) -> ParameterList:
    """The list that says how a parameter is recorded: the first that names it."""
    return next(each for each in lists if parameter in each.parameters)


def nominal_rates(
    datalogger: DataLogger,
    lake: Lake,
    day: str,
    parameters: Sequence[Parameter],
    lists: Sequence[ParameterList],
) -> Rates:
    """The rate of each parameter of one node, and where it is known from.

    The service is asked, once for each parameter, only where a list says nothing; its lists are those of now, which
    may differ from those of the days before. Where it does not say it, that of this day as it is published counts,
    then that of the newest day before, then of the next day after.

    Args:
        datalogger: what is asked.
        lake: whose published days are looked through.
        day: the partition key of the day that is pulled.
        parameters: those of the node, in list order.
        lists: what is recorded.
    """
    rates: dict[Parameter, Rate] = {}
    for parameter in parameters:
        hertz = list_of(parameter, lists).nominal_rate_hz
        if hertz is not None:
            rates[parameter] = Rate(hertz, PARAMETER_LIST)
    asked = [each for each in parameters if each not in rates]
    if asked:
        known = _PublishedRates(lake, day, asked)
        for parameter, answer in _answers(datalogger, asked).items():
            rates[parameter] = known.completed(parameter, answer)
    for parameter in asked:
        _tell(parameter, day, rates[parameter])
    return {parameter: rates[parameter] for parameter in parameters}


def _tell(parameter: Parameter, day: str, rate: Rate) -> None:
    if rate.change:
        _LOG.warning("%s, %s: %s; that of now is taken", parameter, day, rate.change)
    if not rate.why_unknown:
        return
    if rate.is_known:
        text = "%s, %s: %s; the rate of the %s is taken, %s"
        _LOG.warning(text, parameter, day, rate.why_unknown, rate.known_from, rate)
    else:
        text = "the rate of %s stays unknown, so %s cannot be judged: %s"
        _LOG.warning(text, parameter, day, rate.why_unknown)


def _answers(datalogger: DataLogger, parameters: Sequence[Parameter]) -> Rates:
    """What the service says of each; those that it did not answer for are asked about once more at the end.

    After an answer that did not come, the next ones are asked for without repetition until one comes: a service that
    is down costs the repetitions of one request, one that failed for a moment no other device its rate.
    """
    found: Rates = {}
    failing = 0
    again: list[Parameter] = []
    for parameter in parameters:
        if failing >= _SILENT_AFTER:
            found[parameter] = _unknown("the service does not answer")
            continue
        found[parameter], failures = _asked(datalogger, parameter, hurry=failing > 0)
        failing = failing + failures if failures else 0
        again += [parameter] if failures else []
    if failing < _SILENT_AFTER:
        for parameter in again:
            found[parameter], _ = _asked(datalogger, parameter, hurry=True)
    return found


def _asked(datalogger: DataLogger, parameter: Parameter, *, hurry: bool) -> tuple[Rate, int]:
    """What the service says of one, and for how many failures that counts: of an answer, for none."""
    try:
        with at_most(1) if hurry else nullcontext():
            return _of_lists(parameter, datalogger.logger_lists(parameter.device)), 0
    except AcnetError as error:
        unknown = _unknown(f"the service does not say it: {error.what}")
        if isinstance(error, StoppedError):
            return unknown, _SILENT_AFTER
        return unknown, int(isinstance(error, (HttpRefused, ServiceRefused, TransientError)))


def _of_lists(parameter: Parameter, lists: Sequence[LoggerList]) -> Rate:
    """The fastest periodic list of the parameter's node: the one that answers where none is named."""
    node = parameter.node.casefold()
    own = [each for each in lists if node in (each.node.casefold(), FASTEST)]
    periodic = [each.nominal_rate_hz for each in own if each.nominal_rate_hz is not None]
    if periodic:
        return Rate(max(periodic), LOGGER_LISTS)
    if own and all(each.has_no_rate for each in own):
        return Rate(None, EVENT_LISTS)
    if own:
        named = ", ".join(f"{each.rate!r} ({each.event})" for each in own)
        return _unknown(f"its lists of {parameter.node} name no rate: {named}")
    nodes = ", ".join(dict.fromkeys(each.node for each in lists))
    others = f"only on {nodes}" if nodes else "nor on any other"
    return _unknown(f"it is on no list of {parameter.node}, {others}")


def _unknown(why: str) -> Rate:
    return Rate(None, RATE_NOT_KNOWN, why)


class _PublishedRates:
    """The rates that published days record for some parameters of one node; read when they are needed, each day once.

    Args:
        lake: where the days are published.
        day: the day that is pulled.
        parameters: those that may be asked about.
    """

    def __init__(self, lake: Lake, day: str, parameters: Sequence[Parameter]) -> None:
        self._lake, self._day = lake, day
        self._node = parameters[0].node
        days = lake.published_days(PARAMETER_DATA)
        devices = {each.device for each in parameters}
        self._before = self._nearest(devices, (each for each in reversed(days) if each < day))
        self._later = [each for each in days if each > day]

    def completed(self, parameter: Parameter, answer: Rate) -> Rate:
        """The answer of the service with what the published days know."""
        device = parameter.device
        before = self._before.get(device)
        if answer.is_known:
            if before is None or _alike(before.hertz, answer.hertz):
                return answer
            change = (
                f"the {answer.known_from} say {answer}, and the {before.known_from} had {before}"
            )
            return replace(answer, change=change)
        known = (
            self._recorded(self._day).get(device)
            or before
            or self._nearest({device}, self._later).get(device)
        )
        return answer if known is None else replace(known, why_unknown=answer.why_unknown)

    def _nearest(self, devices: Collection[str], days: Iterable[str]) -> dict[str, Rate]:
        """The rate of each device on the first of these days that has one."""
        found: dict[str, Rate] = {}
        for day in islice(days, _MOST_DAYS):
            if found.keys() >= set(devices):
                break
            found = {**self._recorded(day), **found}
        return found

    def _recorded(self, day: str) -> dict[str, Rate]:
        """The rates that one published day records for the devices of the node, where they were known."""
        files = self._lake.day_files(PARAMETER_DATA, day)
        mine = [file for file in files if file.stem.casefold() == self._node.casefold()]
        found: dict[str, Rate] = {}
        for file in mine:
            try:
                with damage_named(file):
                    origin = read_metadata(file)
                    hertz = member(origin, "nominal_rates_hz", dict)
                    known_from = member({"rates_from": {}, **origin}, "rates_from", dict)
            except (FileNotFoundError, DamagedFileError) as error:
                _LOG.warning("%s says no rate: %s", file, error)
                continue
            found |= {
                name: _rate_on(day, each, known_from.get(name)) for name, each in hertz.items()
            }
        return {device: rate for device, rate in found.items() if rate.is_known}


def _rate_on(day: str, hertz: float | None, known_from: str | None) -> Rate:
    """The rate that a published day records; one that it has from another day is that day's."""
    if known_from is not None and known_from.startswith(PUBLISHED_DAY):
        return Rate(hertz, known_from)
    is_known = hertz is not None or known_from == EVENT_LISTS
    return Rate(hertz, f"{PUBLISHED_DAY} {day}" if is_known else RATE_NOT_KNOWN)


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-6)
