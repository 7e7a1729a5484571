"""Every fault of the emulator against what the pull makes of it; as a program it writes the table of docs/faults.md.

``python -m gmpsai_assets_tests.fetch.fault_table docs/faults.md`` runs all cases and replaces the tables in that file.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.faults import NOTATIONS, VALUE_WORDS
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.service import EmulatorService, running_emulator
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.options import RequestLimits
from gmpsai_assets_tests.fetch.asking_for import ask_for

WINDOW = Window(datetime(2026, 3, 10, 16, 0, tzinfo=UTC), datetime(2026, 3, 10, 16, 20, tzinfo=UTC))
ATTEMPTS = 2
"""How often the client makes a request; a fault that lasts longer is met by asking for smaller spans."""

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_FIXED = "start=2026-03-10T16:10:00Z,seconds=30"
_LIMITS = RequestLimits(smallest_span_seconds=200)


@dataclass(frozen=True)
class Case:
    """A fault and what must become of it.

    Attributes:
        fault: in the grammar of the emulator.
        meaning: what an operator would call it.
        states: once, for as long as the client tries, for good.
        named: kinds of findings when it is there for good.
        subject: ``B:VIMIN`` unless the fault needs another one.
        place: what keeps a lasting fault at one place, where it would otherwise move with each request.
    """

    fault: str
    meaning: str
    states: tuple[str, str, str]
    named: frozenset[str] = frozenset()
    subject: str = "B:VIMIN"
    place: str = ""


def _case(
    fault: str, meaning: str, states: str, *named: str, subject: str = "B:VIMIN", place: str = ""
) -> Case:
    once, longer, stays = states.split("/")
    return Case(fault, meaning, (once, longer, stays), frozenset(named), subject, place)


_FAILS, _REFUSED = "complete/complete/failed", "refused/refused/refused"
_WHOLE, _KEPT = "complete/complete/complete", "complete/complete/partial"
_DOUBTED = "complete/partial/partial"
_FAILED = "request failed"
_NOT_PLAIN = ("not a number", "other notation")

CASES = (
    _case("http-500", "error of the web server", _FAILS, _FAILED),
    _case("http-502", "gateway without the service behind it", _FAILS, _FAILED),
    _case("http-503", "service not available", _FAILS, _FAILED),
    _case("http-504", "gateway that timed out", _FAILS, _FAILED),
    _case("http-403", "asked from outside the laboratory", _REFUSED, _FAILED),
    _case("http-404", "wrong address", _REFUSED, _FAILED),
    _case("http-413", "window too large for the service", "complete/complete/refused", _FAILED),
    _case("hang", "no answer at all", _FAILS, _FAILED),
    _case("slow,rate=1000", "bytes that trickle", _FAILS, _FAILED),
    _case("cut", "connection broken off in the body", _FAILS, _FAILED),
    _case("short", "body that ends inside a line", _FAILS, _FAILED),
    _case(
        "short,lines=400",
        "body that ends early after a whole line",
        _KEPT,
        "tail missing",
        subject="B:NGMPS",
    ),
    _case("html", "web page with status 200", _FAILS, _FAILED),
    _case("no-values", "`No values`", "complete/no data/no data"),
    _case("error-dio-no-such", "unknown device", _REFUSED, _FAILED),
    _case("error-dio-noatt", "unknown property of a device", _REFUSED, _FAILED),
    _case("error-clib-syntax", "command not understood", _REFUSED, _FAILED),
    _case("error-dpm-pend", "front end silent", _FAILS, _FAILED),
    _case("error-message", "only a message line", _FAILS, _FAILED),
    _case("error-echo", "unknown error text", "complete/complete/refused", _FAILED),
    _case("crlf", "other line ends", _WHOLE),
    _case("tabs", "tabs for blanks", _WHOLE),
    _case("spaces", "many blanks", _WHOLE),
    _case("preamble", "a line before the rows", _WHOLE, "service message"),
    _case("pre", "rows inside HTML", _WHOLE),
    _case("warning", "an unknown warning before the rows", _WHOLE, "service message"),
    _case("aborted", "an unknown error text after the rows", _WHOLE, "irregular lines"),
    _case("torn", "lines that grow together", _WHOLE, "irregular lines"),
    _case("stars", "`*****` for a value", _WHOLE, "not a number"),
    _case("nan", "`NaN` for a value", _WHOLE, "not a number"),
    _case("inf", "`Infinity` for a value", _WHOLE, "not a number"),
    _case("text", "a word for a value", _WHOLE, "not a number"),
    _case("d-exponents", "Fortran's exponents: `1.03D+2`", _WHOLE),
    _case("hex-words", "hexadecimal words: `03C6`", _DOUBTED, *_NOT_PLAIN),
    _case("hex-words,every=100", "some of them among decimals", _DOUBTED, *_NOT_PLAIN),
    _case("decimal-commas", "commas for points: `1,5`", _DOUBTED, *_NOT_PLAIN),
    _case("stars,every=1", "`*****` for every value", _DOUBTED, "not a number"),
    _case("outside", "rows outside the window", _WHOLE, "outside window"),
    _case("duplicates", "rows that come twice", _WHOLE, "duplicates"),
    _case("disorder", "rows out of order", _WHOLE, "out of order"),
    _case("gap", "30 s without samples", _WHOLE, "gap", place=_FIXED),
    _case("frozen", "one value for 30 s", _WHOLE, "frozen value", place=_FIXED),
    _case(
        "clock-step",
        "clock 2 s ahead",
        _WHOLE,
        "clock step",
        "gap",
        "out of order",
        place=_FIXED,
    ),
    _case(
        "clock-step,step=-2",
        "clock 2 s behind",
        _WHOLE,
        "clock step",
        "gap",
        "out of order",
        place=_FIXED,
    ),
    _case("tier-1s", "one sample a second", _KEPT, "slower tier"),
    _case("tier-5min", "one sample in five minutes", _KEPT, "slower tier"),
    _case("rows-487", "no more than 487 rows a reply", _KEPT, "row limit", "tail missing"),
    _case("rows-487,pages=2", "no more than two pages a reply", _WHOLE),
    _case(
        "other-window,shift=-300",
        "the window 5 min earlier",
        _DOUBTED,
        "another window",
        "outside window",
    ),
    _case(
        "other-window,shift=300",
        "the window 5 min later",
        _DOUBTED,
        "another window",
        "outside window",
    ),
    _case("no-head", "the first 8 rows are cut off", _WHOLE),
    _case("no-tail", "the last 8 rows are cut off", _WHOLE),
)

MOVING_CASES = tuple(
    _case(f"{kind}", "", "-/-/partial", "clock step" if "clock" in kind else "frozen value")
    for kind in ("frozen", "clock-step", "clock-step,step=-2")
)
"""Faults in the middle of every request, wherever that is: the answers contradict each other and are not believed."""

_NOTATION_FAULTS = tuple(case.fault for case in CASES if case.fault.partition(",")[0] in NOTATIONS)
_NOT_FOR_EVENTS = (
    *VALUE_WORDS,
    "stars,every=1",
    *_NOTATION_FAULTS,
    "frozen",
    "short,lines=400",
    "slow,rate=1000",
)
"""All but the last need values; trickling bytes are the client's affair, whoever asks."""
_USUAL_OF_EVENTS = {"preamble": frozenset({"service message"})}
"""Logs of events have lines before the rows anyway."""
EVENT_CASES = tuple(
    replace(
        case,
        named=case.named - _USUAL_OF_EVENTS.get(case.fault, frozenset()),
        subject="$0C",
    )
    for case in CASES
    if case.fault not in _NOT_FOR_EVENTS
)


@dataclass(frozen=True)
class Result:
    """What came of one case and one duration."""

    answer: Answer
    equal: bool

    @property
    def open_kinds(self) -> frozenset[str]:
        """Findings that asking again did not repair."""
        return frozenset(each.kind for each in self.answer.findings if not each.repaired)


class Laboratory:
    """A running emulator, and the clean answers to compare with."""

    def __init__(self, service: EmulatorService) -> None:
        self._service = service
        self._clean: dict[str, Answer] = {}

    def answer(self, subject: str, *faults: str, waits: bool = True) -> Answer:
        """Ask for one subject with faults."""
        self._service.set_faults(*faults)
        retry = RetryPolicy(attempts=ATTEMPTS, first_delay=0.001, longest_delay=0.001)
        pause, whole = 60.0, 60.0
        # What must come after such a fault has time to, also on a busy machine; a fault that stays need not.
        if any(fault.startswith("hang") for fault in faults):
            pause = 2.0 if waits else 0.2
        elif any(fault.startswith("slow") for fault in faults):
            whole = 3.0 if waits else 0.3
        with AclClient(
            self._service.url, retry=retry, read_timeout=pause, total_timeout=whole
        ) as client:
            return ask_for(
                _fetch(DataLogger(client), subject), WINDOW, nominal_rate_hz=15.0, limits=_LIMITS
            )

    def clean(self, subject: str) -> Answer:
        """The answer without any fault."""
        if subject not in self._clean:
            self._clean[subject] = self.answer(subject)
        return self._clean[subject]

    def result(self, case: Case, duration: int) -> Result:
        """The case with the fault once (0), for as long as the client tries (1), or for good (2)."""
        clean = self.clean(case.subject)
        limit = ("first=1", f"first={ATTEMPTS}", case.place)[duration]
        fault = ",".join(filter(None, [case.fault, limit]))
        answer = self.answer(case.subject, fault, waits=duration < 2)
        return Result(answer, answer.table.equals(clean.table))


@contextmanager
def laboratory(seed: int) -> Iterator[Laboratory]:
    """A laboratory with a simulated machine of this seed."""
    now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    with running_emulator(EmulatorOptions(now=now, seed=seed)) as service:
        yield Laboratory(service)


def _fetch(datalogger: DataLogger, subject: str) -> Callable[[Window], SampleReply]:
    if subject.startswith("$"):
        return lambda window: datalogger.events(int(subject[1:], 16), window)
    return lambda window: datalogger.samples(Parameter("MLrn", subject), window)


def table_text(where: Laboratory, cases: tuple[Case, ...]) -> str:
    """The cases and their results as a Markdown table."""
    lines = [
        "| fault of the emulator | what it is | once | while the client tries | for good | named | requests |",
        "|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        results = [where.result(case, duration) for duration in range(3)]
        cells = [f"{each.answer.state}{'' if each.equal else ' ≠'}" for each in results]
        named = ", ".join(sorted(results[2].open_kinds)) or "–"
        requests = " / ".join(str(each.answer.requests) for each in results)
        lines.append(
            f"| `{case.fault}` | {case.meaning} | {' | '.join(cells)} | {named} | {requests} |"
        )
    return "\n".join(lines)


def measured(where: Laboratory) -> str:
    """Both tables, as they stand in docs/faults.md."""
    devices, events = table_text(where, CASES), table_text(where, EVENT_CASES)
    return f"### A device\n\n{devices}\n\n### An event of every tick\n\n{events}\n"


def main(path: Path) -> None:
    """Replace the measured part of a file."""
    text = path.read_text()
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    with laboratory(1) as where:
        path.write_text(f"{head}{BEGIN}\n\n{measured(where)}\n{END}{tail}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
