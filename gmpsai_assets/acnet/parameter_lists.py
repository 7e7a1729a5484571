"""Parameter lists: text files that name the devices that are recorded, from which logger node.

Here belong the file format and its errors; which files are lists, and how they become text, in ``list_files``.

One ``NODE DEVICE`` a line, or a device alone, which stands for the default node. ``#`` begins a comment; blank lines
are skipped. Two comments on lines of their own count: ``# rate: 15 Hz`` (or ``# rate: 1/60 Hz``) is how often
the logger keeps a sample of each device of the list, and ``# kept: 10 days`` how long the logger has it. A list without
a rate is that of the GMPS at 15 Hz if all of its devices are on MLrn; else its rate is not known here.

``B:X[3]`` is an element of an array; ``B:X[0:3]`` is short for its elements from 0 to 3, each a parameter of its own.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gmpsai_assets.acnet.devices import DeviceNameError, parse_device_names
from gmpsai_assets.acnet.list_files import ParameterListError, list_files, list_text
from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.acnet.tclk import NOMINAL_TICK_HZ

DEFAULT_NODE = "MLrn"
"""The logger node of the GMPS at 15 Hz, meant by lists that have one column."""

DEFAULT_RATE_HZ = NOMINAL_TICK_HZ
"""The rate of lists from before a list could name it; they were all of the GMPS."""

_NODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_RATE_LINE = re.compile(r"\s*#\s*rate\s*:(.*)", re.IGNORECASE)
_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?\s*Hz\s*", re.IGNORECASE)
_KEPT_LINE = re.compile(r"\s*#\s*kept\s*:(.*)", re.IGNORECASE)
_KEPT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*days?\s*", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Parameter:
    """One device as one logger node records it."""

    node: str
    device: str

    def __str__(self) -> str:
        return f"{self.device} on {self.node}"


@dataclass(frozen=True)
class Duplicate:
    """A parameter that is named again, by the same list or by another one; it is kept once.

    Attributes:
        first: the place that counts, a line, with the file if that is another one; ``again``: the other place.
        remark: what else differs.
    """

    parameter: Parameter
    first: str
    again: str
    remark: str = ""

    def __str__(self) -> str:
        return f"{self.parameter} in {self.again} is already in {self.first}{self.remark}"


@dataclass(frozen=True)
class ParameterList:
    """A read list, in the order of the file.

    Attributes:
        name: the file's name without its ending.
        digest: SHA-256 in hex of the meaning: nodes, devices, their order, and the rate. Comments,
            blanks, duplicates, the way of writing, and how long data are kept do not change it.
        nominal_rate_hz: samples a second that each device is recorded with; None if the list does not name it.
        kept_days: how long the logger keeps a sample, in days of 24 hours; by default ``KEPT_DAYS``.
        places: file and line of each parameter; empty for a list that was not read from a file.
    """

    name: str
    parameters: tuple[Parameter, ...]
    duplicates: tuple[Duplicate, ...]
    digest: str
    nominal_rate_hz: float | None
    kept_days: float = KEPT_DAYS
    places: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The logger nodes in order of first mention."""
        return tuple(dict.fromkeys(parameter.node for parameter in self.parameters))


def parse_node(text: str) -> str:
    """The name of a logger node as written, such as ``MLrn`` or ``NuMI2``.

    Raises:
        ValueError: unless the whole text is a letter and up to 7 more letters or digits.
    """
    if not _NODE.fullmatch(text):
        msg = f"{text[:80]!r} is not a node name (a letter, then up to 7 letters or digits)"
        raise ValueError(msg)
    return text


def read_parameter_lists(folder: Path | str) -> tuple[ParameterList, ...]:
    """All lists ``*.txt`` of a folder, sorted by name; a node is written as where it is named first.

    What an earlier list names already stands in the ``duplicates`` of the later one; the earlier one counts. Hidden
    files are no lists; what is passed over although its name speaks of a list is logged, once a process.

    Raises:
        ParameterListError: if there is none, one cannot be used, or they put a device on two nodes.
    """
    paths = list_files(Path(folder))
    if not paths:
        msg = f"{folder}: no parameter list (*.txt) here; check GMPSAI_PARAMETER_LISTS"
        raise ParameterListError(msg)
    return tuple(_together([read_parameter_list(path) for path in paths]))


def read_parameter_list(path: Path | str) -> ParameterList:
    """Read one list.

    Args:
        path: a text file in UTF-8, with or without a byte order mark; its lines end as on any system.

    Raises:
        ParameterListError: it is no file that can be read, a line is neither parameter nor comment, or there is none.
    """
    path = Path(path)
    lines = list_text(path).split("\n")
    found: dict[str, tuple[int, Parameter]] = {}
    nodes: dict[str, str] = {}
    duplicates = []
    for number, written in _parameters(path, lines):
        parameter = _as_first_written(written, nodes)
        first, kept = found.setdefault(parameter.device, (number, parameter))
        if kept != parameter:
            raise _on_two_nodes(f"{path}:{number}", parameter, f"line {first}", kept)
        if first != number:
            duplicates.append(Duplicate(kept, f"line {first}", f"line {number}"))
    if not found:
        msg = f"{path}: no parameter in the list; write one 'NODE DEVICE' a line"
        raise ParameterListError(msg)
    parameters = tuple(parameter for _, parameter in found.values())
    rate = _directive(path, lines, _RATE_LINE, _rate_of, "rate", "'# rate: 15 Hz' or '1/60 Hz'")
    days = _directive(path, lines, _KEPT_LINE, _kept_of, "number of days", "'# kept: 10 days'")
    if rate is None and nodes.keys() == {DEFAULT_NODE.casefold()}:
        rate = DEFAULT_RATE_HZ
    return ParameterList(
        path.stem,
        parameters,
        tuple(duplicates),
        _digest(parameters, rate),
        rate,
        KEPT_DAYS if days is None else days,
        tuple(f"{path}:{number}" for number, _ in found.values()),
    )


def _together(lists: list[ParameterList]) -> Iterator[ParameterList]:
    nodes: dict[str, str] = {}
    found: dict[str, tuple[Parameter, str, ParameterList]] = {}
    for each in lists:
        parameters = tuple(_as_first_written(written, nodes) for written in each.parameters)
        duplicates = list(each.duplicates)
        for parameter, place in zip(parameters, each.places, strict=True):
            kept, first, earlier = found.setdefault(parameter.device, (parameter, place, each))
            if kept != parameter:
                raise _on_two_nodes(place, parameter, first, kept)
            if earlier is not each:
                duplicates.append(Duplicate(kept, first, place, _other_rate(earlier, each)))
        yield replace(each, parameters=parameters, duplicates=tuple(duplicates))


def _as_first_written(parameter: Parameter, nodes: dict[str, str]) -> Parameter:
    node = nodes.setdefault(parameter.node.casefold(), parameter.node)
    return Parameter(node, parameter.device)


def _other_rate(counts: ParameterList, other: ParameterList) -> str:
    here, there = other.nominal_rate_hz or "unknown", counts.nominal_rate_hz or "unknown"
    text = f"; its rate is {here} Hz here and {there} Hz there, which counts"
    return "" if here == there else text


def _on_two_nodes(place: str, it: Parameter, first: str, kept: Parameter) -> ParameterListError:
    return ParameterListError(
        f"{place}: {it.device} is on {it.node} here and on {kept.node} in {first}; "
        "a device belongs to one node: remove one of the two lines"
    )


def _parameters(path: Path, lines: list[str]) -> Iterator[tuple[int, Parameter]]:
    for number, line in enumerate(lines, start=1):
        words = _COMMENT.sub("", line).split()
        if not words:
            continue
        try:
            if len(words) > 2:
                msg = f"{line.strip()[:80]!r} has {len(words)} words; write 'NODE DEVICE'"
                raise ValueError(msg)  # noqa: TRY301 (the place is added in one handler below)
            node = parse_node(words[0]) if len(words) == 2 else DEFAULT_NODE
            for device in parse_device_names(words[-1]):
                yield number, Parameter(node, device)
        except (DeviceNameError, ValueError) as error:
            msg = f"{path}:{number}: {error}"
            raise ParameterListError(msg) from error


def _directive(
    path: Path,
    lines: list[str],
    directive: re.Pattern[str],
    read: Callable[[str], float],
    what: str,
    example: str,
) -> float | None:
    """The number that a comment of this form gives, above 0; None if no line has it."""
    given: list[float] = []
    for number, line in enumerate(lines, start=1):
        found = directive.fullmatch(line)
        if not found:
            continue
        value = read(found[1])
        if not value or given:
            why = f"a second {what}" if given else f"not a {what}; write {example}"
            msg = f"{path}:{number}: {line.strip()[:80]!r} is {why}"
            raise ParameterListError(msg)
        given.append(value)
    return given[0] if given else None


def _rate_of(text: str) -> float:
    rate = _RATE.fullmatch(text)
    return float(rate[1]) / float(rate[2] or 1) if rate and float(rate[2] or 1) else 0.0


def _kept_of(text: str) -> float:
    kept = _KEPT.fullmatch(text)
    return float(kept[1]) if kept else 0.0


def _digest(parameters: tuple[Parameter, ...], rate: float | None) -> str:
    meaning = [f"{rate!r} Hz"] + [f"{item.node} {item.device}" for item in parameters]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()
