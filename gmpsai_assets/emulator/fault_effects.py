"""What faults do to the rows of a reply, and to its text: line ends, blanks, lines before and after, HTML around them.

Rows are changed by pure functions on columns, before they are text; other notations are made of replies that are text
already. Which faults there are and which requests they meet is in ``faults``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.emulator.faults import NOTATIONS, VALUE_WORDS, Fault
from gmpsai_assets.emulator.noise import Integers

Mask = NDArray[np.bool_]

_TIER_SECONDS = {"tier-1s": 1, "tier-5min": 300}
_LONGEST_TICK = 70_000
_IN_THE_MIDDLE = frozenset({"gap", "frozen", "clock-step"})


@dataclass(frozen=True)
class Rows:
    """Rows of a sample or event reply.

    Attributes:
        times: microseconds since 1970 UTC.
        values: sample values, or microseconds into the supercycle.
        wordy: rows written with a word in place of a number, or in another notation; None if there are none.
        word: that word, or the name of the notation.
    """

    times: Integers
    values: NDArray
    wordy: Mask | None = None
    word: str = ""

    def take(self, index: NDArray) -> "Rows":
        """Some rows, by a mask or by their places."""
        wordy = None if self.wordy is None else self.wordy[index]
        return Rows(self.times[index], self.values[index], wordy, self.word)


def apply_fault(
    fault: Fault, rows: Rows, window: tuple[int, int], value_at: Callable[[int], float]
) -> Rows:
    """Rows as the fault leaves them.

    Args:
        fault: a fault of the rows; those of the reply as a whole are not for here.
        rows: a block of rows.
        window: first and last instant of the request, microseconds since 1970 UTC.
        value_at: the device's value at an instant, for ``frozen``.
    """
    first, end = affected(fault, window)
    inside = (rows.times >= first) & (rows.times < end)
    if fault.kind == "frozen":
        return replace(rows, values=np.where(inside, value_at(first), rows.values).astype("f4"))
    return _CHANGES[fault.kind](fault, rows, inside)


def _gap(_: Fault, rows: Rows, inside: Mask) -> Rows:
    return rows.take(~inside)


def _slower_tier(fault: Fault, rows: Rows, inside: Mask) -> Rows:
    length = _TIER_SECONDS[fault.kind] * 1_000_000
    stretch = rows.times // length
    # The first row of a block opens a stretch only if it is less than a tick into it.
    opens = rows.times[:1] - stretch[:1] * length < _LONGEST_TICK
    starts = np.diff(stretch, prepend=stretch[:1] - opens) > 0
    return rows.take(~inside | starts)


def _clock_step(fault: Fault, rows: Rows, inside: Mask) -> Rows:
    step = np.int64(round(fault.number("step") * 1e6))
    return replace(rows, times=rows.times + step * inside)


def _words(fault: Fault, rows: Rows, inside: Mask) -> Rows:
    wordy = np.zeros(rows.times.size, dtype=np.bool_)
    wordy[_chosen(fault, inside, least=1)] = True
    return replace(rows, wordy=wordy, word=VALUE_WORDS.get(fault.kind, fault.kind))


def _duplicates(fault: Fault, rows: Rows, inside: Mask) -> Rows:
    places = np.arange(rows.times.size)
    return rows.take(np.sort(np.concatenate([places, _chosen(fault, inside)])))


def _disorder(fault: Fault, rows: Rows, inside: Mask) -> Rows:
    places = np.arange(rows.times.size)
    swapped = _chosen(fault, inside)
    swapped = swapped[swapped + 1 < places.size]
    places[swapped], places[swapped + 1] = swapped + 1, swapped
    return rows.take(places)


def _chosen(fault: Fault, inside: Mask, least: int = 2) -> NDArray[np.intp]:
    return np.flatnonzero(inside)[:: max(least, int(fault.number("every")))]


_CHANGES: dict[str, Callable[[Fault, Rows, Mask], Rows]] = {
    "gap": _gap,
    "tier-1s": _slower_tier,
    "tier-5min": _slower_tier,
    "clock-step": _clock_step,
    **dict.fromkeys((*VALUE_WORDS, *NOTATIONS), _words),
    "duplicates": _duplicates,
    "disorder": _disorder,
}


def affected(fault: Fault, window: tuple[int, int]) -> tuple[int, int]:
    """The span ``[first, end)`` of a request in which a fault works, microseconds since 1970 UTC."""
    first, end = window[0], window[1] + 1
    if fault.start is not None or fault.end is not None:
        return (
            first if fault.start is None else fault.start,
            end if fault.end is None else fault.end,
        )
    if fault.kind not in _IN_THE_MIDDLE:
        return first, end
    middle = (first + end) // 2
    if fault.kind == "clock-step":
        return middle, end
    return middle, middle + round(fault.number("seconds") * 1e6)


def shortened(blocks: Iterator[Rows], fault: Fault) -> Iterator[Rows]:
    """The blocks without the first or last rows of them all."""
    whole = list(blocks)
    total = sum(rows.times.size for rows in whole)
    lost = round(fault.number("rows")) if total > fault.number("over") else 0
    first, last = (lost, total) if fault.kind == "no-head" else (0, total - lost)
    place = 0
    for rows in whole:
        here = np.arange(rows.times.size) + place
        yield rows.take((here >= first) & (here < last))
        place += rows.times.size


_TORN_EVERY = 1000


def _torn(text: bytes) -> bytes:
    """Every thousandth line loses its second half and its line end."""
    lines = text.splitlines(keepends=True)
    for place in range(_TORN_EVERY // 2, len(lines), _TORN_EVERY):
        lines[place] = lines[place][: len(lines[place]) // 2]
    return b"".join(lines)


_REWRITES: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "tabs": lambda text: text.replace(b" ", b"\t"),
    "torn": _torn,
    "spaces": lambda text: text.replace(b" ", b"    ").replace(b"\n", b"  \n"),
}
_BEFORE = {
    "warning": b"Warning: logger is not responding, rows may be missing\n",
    "preamble": b"Accelerator controls data logger\n",
    "pre": b"<html><body><pre>\n",
}
_AFTER = {
    "pre": b"</pre></body></html>\n",
    "aborted": b"ERROR: logger aborted\n",
}


def in_notation(pieces: Iterable[bytes], kinds: list[str]) -> Iterator[bytes]:
    """The pieces of a reply, rewritten in all the notations named."""
    for kind in kinds:
        if kind in _BEFORE:
            yield _BEFORE[kind]
    for text in pieces:
        for kind in kinds:
            if kind in _REWRITES:
                text = _REWRITES[kind](text)  # noqa: PLW2901 (one notation after another)
        yield text
    for kind in kinds:
        if kind in _AFTER:
            yield _AFTER[kind]
