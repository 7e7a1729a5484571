"""Long replies as streams of rendered blocks: which blocks, how they are cut, and where they are kept on disk.

A block that lies inside the window is rendered once and kept, so that what was asked before is sent at the speed of a
file; a block at an edge is cut by the times of its rows, so any window is exact. Nothing is interpreted here:
``answers`` does that.
"""

import hashlib
import os
import shutil
import stat
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from threading import Lock

import numpy as np

from gmpsai_assets.emulator.devices import Device
from gmpsai_assets.emulator.fault_effects import Rows, apply_fault, shortened
from gmpsai_assets.emulator.faults import NOTATIONS, STREAM_FAULTS, VALUE_WORDS, Fault
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.render import SampleFormat, array_rows, event_rows, sample_rows


@dataclass
class FilePart:
    """A piece of a reply that lies in an open file; whoever takes it closes it."""

    file: BufferedReader
    size: int


_FOLDER = "blocks-"
_BLOCK = ".block"
_DRAFT = "draft-"

Part = bytes | FilePart
"""One piece of a reply."""


def contents(part: Part) -> bytes:
    """The bytes of a piece; its file is closed."""
    if isinstance(part, bytes):
        return part
    with part.file:
        return part.file.read()


class BlockCache:
    """A folder of rendered blocks, bounded in size; the oldest are removed first.

    The folder may hold other files: only blocks, in folders made here, are counted and removed.

    Args:
        folder: where to keep them; a temporary folder, removed by ``close``, if None.
        limit_bytes: largest size of all blocks.
        version: text that changes when the same key would give other bytes.
    """

    def __init__(self, folder: Path | None, limit_bytes: int, version: str) -> None:
        self._limit = limit_bytes
        self._temporary = folder is None
        self._root = folder or Path(tempfile.mkdtemp(prefix="gmpsai-emulator-"))
        self._folder = self._root / f"{_FOLDER}{hashlib.sha256(version.encode()).hexdigest()[:16]}"
        self._lock = Lock()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._size = sum(size for _, size, _ in self._files())

    def get(self, key: str, compute: Callable[[], bytes]) -> Part:
        """The block of a key: an open file if it is kept, else what ``compute`` returns."""
        path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{_BLOCK}"
        try:
            file = path.open("rb")
        except FileNotFoundError:
            contents = compute()
            self._keep(path, contents)
            return contents
        return FilePart(file, os.fstat(file.fileno()).st_size)

    def close(self) -> None:
        """Remove the folder if it is temporary."""
        if self._temporary:
            shutil.rmtree(self._root, ignore_errors=True)

    def _keep(self, path: Path, contents: bytes) -> None:
        try:
            draft = self._folder / f"{_DRAFT}{uuid.uuid4().hex}{_BLOCK}"
            draft.write_bytes(contents)
            draft.replace(path)
        except OSError:
            return  # a full or vanished disk costs speed, not the reply
        with self._lock:
            self._size += len(contents)
            if self._size > self._limit:
                self._remove_oldest()

    def _remove_oldest(self) -> None:
        files = sorted(self._files())
        self._size = sum(size for _, size, _ in files)
        for _, size, path in files:
            if self._size <= 0.8 * self._limit:
                break
            path.unlink(missing_ok=True)
            self._size -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """Time of writing, size and path of each block, of other versions too, and of drafts that a crash left."""
        found = []
        for path in self._root.glob(f"{_FOLDER}*/*{_BLOCK}"):
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                found.append((facts.st_mtime, facts.st_size, path))
        return found


PAGE_ROWS = 487
"""Rows of one reply page of the laboratory's data pool manager."""


@dataclass(frozen=True)
class Span:
    """A closed span of time, microseconds since 1970 UTC.

    Attributes:
        first: first instant inside.
        last: last instant inside.
        every: 1 for all ticks, n for every n-th.
        settled: whether the same request will have the same bounds tomorrow.
    """

    first: int
    last: int
    every: int = 1
    settled: bool = True


class Streams:
    """Streams of rows of one machine.

    Args:
        machine: the simulated machine.
        cache: where rendered blocks are kept.
    """

    def __init__(self, machine: Machine, cache: BlockCache) -> None:
        self._machine = machine
        self._cache = cache

    def samples(
        self, device: Device, spans: list[Span], style: SampleFormat, faults: list[Fault]
    ) -> Iterator[Part]:
        """Rows of a device in spans of time, in pieces; no piece is empty.

        Args:
            device: the device.
            spans: where and how densely.
            style: notation of the rows.
            faults: faults of the rows; with any of them nothing is kept.
        """

        def block(span: Span, number: int) -> Rows:
            return _cut(Rows(*self._machine.block(device, number, span.every)), span)

        def value_at(instant: int) -> float:
            tick = self._machine.clock.first_tick_from(instant)
            return float(self._machine.signals.values(device, tick, 1)[0])

        def text(rows: Rows) -> bytes:
            return sample_rows(rows.times, rows.values, style, rows.wordy, rows.word)

        for asked in spans:
            span = _widened(asked, faults)
            numbers = self._machine.blocks_between(device, span.first, span.last)
            if faults:
                yield from _faulty(span, numbers, block, text, faults, value_at)
                continue
            for number in numbers:
                bounds = self._machine.block_span(device, number)
                name = f"{device.name} {style} {span.every}"
                yield from self._part(name, span, number, bounds, lambda s, n: text(block(s, n)))

    def array_samples(
        self, elements: tuple[Device, ...], spans: list[Span], style: SampleFormat
    ) -> Iterator[Part]:
        """Rows of several elements of one array, all values of a time on a line, in pieces; no piece is empty.

        Args:
            elements: at least two; they are stamped together.
            spans: where and how densely.
            style: notation of the rows.
        """

        def rendered(span: Span, number: int) -> bytes:
            found = [
                _cut(Rows(*self._machine.block(each, number, span.every)), span)
                for each in elements
            ]
            return array_rows(found[0].times, [each.values for each in found], style)

        first, last = elements[0], elements[-1]
        for span in spans:
            for number in self._machine.blocks_between(first, span.first, span.last):
                bounds = self._machine.block_span(first, number)
                name = f"{first.name} to {last.name} {style} {span.every}"
                yield from self._part(name, span, number, bounds, rendered)

    def events(self, code: int, span: Span, faults: list[Fault]) -> Iterator[Part]:
        """Rows of one TCLK event in a span of time, in pieces; no piece is empty.

        Faults of values do not meet events, which have none.
        """
        tclk = self._machine.tclk
        if code not in tclk.codes:
            return

        def block(span: Span, number: int) -> Rows:
            return _cut(Rows(*tclk.block(code, number)), span)

        def text(rows: Rows) -> bytes:
            return event_rows(rows.times, rows.values)

        of_values = {"frozen", *VALUE_WORDS, *NOTATIONS}
        faults = [fault for fault in faults if fault.kind not in of_values]
        span = _widened(span, faults)
        numbers = tclk.blocks_between(span.first, span.last)
        if faults:
            yield from _faulty(span, numbers, block, text, faults, lambda _: 0.0)
            return
        for number in numbers:
            bounds = tclk.block_span(number)
            name = f"event {code}"
            yield from self._part(name, span, number, bounds, lambda s, n: text(block(s, n)))

    def _part(
        self,
        name: str,
        span: Span,
        number: int,
        bounds: tuple[int, int],
        rendered: Callable[[Span, int], bytes],
    ) -> Iterator[Part]:
        """One block, kept under its bounds: cut blocks of a window that is asked again, too."""
        if bounds[0] > span.last or bounds[1] < span.first:
            return
        first = span.first if bounds[0] < span.first else None
        last = span.last if bounds[1] > span.last else None
        if last is not None and not span.settled:
            part: Part = rendered(span, number)
        else:
            key = f"{name} {number} {first} {last}"
            part = self._cache.get(key, lambda: rendered(span, number))
        if isinstance(part, bytes):
            if part:
                yield part
        elif part.size:
            yield part
        else:
            part.file.close()


def _widened(span: Span, faults: list[Fault]) -> Span:
    """The span of a reply: another one than was asked for, or more, if a fault has it so."""
    beyond = [round(fault.number("seconds") * 1e6) for fault in faults if fault.kind == "outside"]
    margin = max(beyond, default=0)
    shift = sum(round(f.number("shift") * 1e6) for f in faults if f.kind == "other-window")
    return replace(span, first=span.first - margin + shift, last=span.last + margin + shift)


def _cut(rows: Rows, span: Span) -> Rows:
    first = np.searchsorted(rows.times, span.first, side="left")
    last = np.searchsorted(rows.times, span.last, side="right")
    return Rows(rows.times[first:last], rows.values[first:last])


def _faulty(
    span: Span,
    numbers: range,
    block: Callable[[Span, int], Rows],
    text: Callable[[Rows], bytes],
    faults: list[Fault],
    value_at: Callable[[int], float],
) -> Iterator[bytes]:
    rows_of = _whole_blocks(span, numbers, block, faults, value_at)
    for fault in faults:
        if fault.kind in {"no-head", "no-tail"}:
            rows_of = shortened(rows_of, fault)
    pages = [round(fault.number("pages")) for fault in faults if fault.kind == "rows-487"]
    left = PAGE_ROWS * min(pages) if pages else None
    for rows in rows_of:
        if left is not None:
            rows = rows.take(np.arange(min(left, rows.times.size)))  # noqa: PLW2901 (no more than is left)
            left -= rows.times.size
        contents = text(rows)
        if contents:
            yield contents
        if left == 0:
            return


def _whole_blocks(
    span: Span,
    numbers: range,
    block: Callable[[Span, int], Rows],
    faults: list[Fault],
    value_at: Callable[[int], float],
) -> Iterator[Rows]:
    """Block by block with the faults that meet single rows."""
    for number in numbers:
        rows = block(span, number)
        for fault in faults:
            if fault.kind not in STREAM_FAULTS:
                rows = apply_fault(fault, rows, (span.first, span.last), value_at)
        yield rows.take((rows.times >= span.first) & (rows.times <= span.last))
