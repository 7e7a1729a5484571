"""What the laboratory answers to a command: an error text, a short text, or a stream of rows.

Here commands get their meaning. How they are read is in ``request``, how answers travel in
``connection``. Nothing here changes a device: a set is refused and never performed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from gmpsai_assets.acnet.retention import KEPT_DAYS
from gmpsai_assets.acnet.tclk import SUPERCYCLE_START
from gmpsai_assets.emulator import texts
from gmpsai_assets.emulator.arrays import devices_named, logger_lists_of
from gmpsai_assets.emulator.captures import DayCaptures
from gmpsai_assets.emulator.devices import Device
from gmpsai_assets.emulator.fault_effects import in_notation
from gmpsai_assets.emulator.faults import NOTATION_FAULTS, REPLY_FAULTS, ROW_FAULTS, Fault, Target
from gmpsai_assets.emulator.machine import Machine
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.render import SampleFormat
from gmpsai_assets.emulator.request import (
    Command,
    CommandSyntaxError,
    parse_local_time,
)
from gmpsai_assets.emulator.streams import BlockCache, Part, Span, Streams, contents

SUPERCYCLE_TIME = "G:SCTIME"
RETENTION_MICROSECONDS = round(KEPT_DAYS * 86_400_000_000)
HISTORY_BEGINS = 1_420_070_400_000_000
"""Nothing is older than 2015-01-01 00:00:00 UTC, microseconds since 1970."""

_HOUR = 3_600_000_000
_SLOW_TIER_TICKS = 15


@dataclass(frozen=True)
class Answer:
    """One reply.

    Attributes:
        parts: its pieces in order.
        content_type: as in the HTTP header.
    """

    parts: Iterator[Part]
    content_type: str = "text/plain"


class Answers:
    """The laboratory's answers.

    Args:
        machine: the simulated machine.
        cache: where rendered blocks are kept.
        options: how the laboratory behaves.
        now: the laboratory's clock, microseconds since 1970 UTC.
    """

    def __init__(
        self,
        machine: Machine,
        cache: BlockCache,
        options: EmulatorOptions,
        now: Callable[[], int],
    ) -> None:
        self._machine = machine
        self._streams = Streams(machine, cache)
        self._options = options
        self._now = now
        into = options.captures_into
        self._frozen = ""
        self._captures = None if into is None else DayCaptures(machine, into)
        self._verbs: dict[str, Callable[[Command, list[Fault]], Iterator[Part]]] = {
            "logger_get": self._logger_get,
            "event_log": self._event_log,
            "tlg_info": self._tlg_info,
            "read": self._read,
            "show": self._show,
        }

    def target(self, command: Command) -> Target:
        """What faults are compared with."""
        start, end = self._times_of(command)
        try:
            event = int(command.qualifiers.get("event", ""), 16)
        except ValueError:
            event = None
        try:
            window = (self._time(start or ""), self._time(end or ""))
        except CommandSyntaxError:
            return Target(command.verb, command.device, event)
        return Target(command.verb, command.device, event, *window)

    def answer(self, command: Command, faults: list[Fault]) -> Answer:
        """The reply to one read-only command, with the faults that meet it.

        Raises:
            KeyError: if the command is not one of the read-only verbs.
        """
        for fault in faults:
            if fault.kind in REPLY_FAULTS:
                return _replaced(fault.kind, command)
        row_faults = [fault for fault in faults if fault.kind in ROW_FAULTS]
        parts = self._verbs[command.verb](command, row_faults)
        kinds = [fault.kind for fault in faults if fault.kind in NOTATION_FAULTS]
        if not kinds:
            return Answer(parts)
        return Answer(
            in_notation(map(contents, parts), kinds),
            "text/html" if "pre" in kinds else "text/plain",
        )

    def _logger_get(self, command: Command, faults: list[Fault]) -> Iterator[Part]:
        devices = devices_named(command.device)
        if not devices:
            return _pieces(texts.invalid_device(command.device, command.verb))
        device = devices[0]
        try:
            window = self._window(command)
        except CommandSyntaxError as error:
            return _pieces(texts.invalid_qualifier(command.verb, "time", str(error)))
        node = command.qualifiers.get("node", "")
        if node.lower() not in {"", "fastest", device.node.lower()}:
            return _pieces(texts.NO_VALUES)
        style = SampleFormat(
            local="utc_seconds" not in command.qualifiers.get("date_format", ""),
            decimals=self._options.stamp_decimals,
            number=_number_style(command),
            unit=device.unit if "units" in command.qualifiers else "",
        )
        spans = self._spans(device, window)
        if len(devices) == 1:
            parts = self._streams.samples(device, spans, style, faults)
        else:  # faults of rows are those of rows with one value
            parts = self._streams.array_samples(devices, spans, style)
        return _or_else(parts, texts.NO_VALUES)

    def _event_log(self, command: Command, faults: list[Fault]) -> Iterator[Part]:
        text = command.qualifiers.get("event", "")
        try:
            window = self._window(command)
            event = int(text, 16)
        except CommandSyntaxError as error:
            return _pieces(texts.invalid_qualifier(command.verb, "time", str(error)))
        except ValueError:
            event = -1
        if not 0 <= event <= 0xFF:
            return _pieces(texts.invalid_qualifier(command.verb, "event", text))
        start, end = (self._time(name or "") for name in self._times_of(command))
        if event == SUPERCYCLE_START and self._captures is not None:
            self._captures.keep(start, end, self._now())
        parts = self._streams.events(event, window, faults)
        return _or_else(
            parts, texts.no_occurrences(event), texts.event_log_preamble(event, start, end)
        )

    def _tlg_info(self, command: Command, faults: list[Fault]) -> Iterator[Part]:
        del faults  # the timeline has no rows that a fault could meet
        supercycle = self._machine.schedule.at(self._now())
        if "all_event_info" in command.qualifiers:
            return _pieces(texts.all_event_info(supercycle.recipe))
        if "supercyclelength" in command.qualifiers:
            length = texts.supercycle_seconds(supercycle.recipe.length_ticks)
            return _pieces(f"Supercycle length : {length}\n")
        wanted = ", ".join(command.qualifiers)
        return _pieces(texts.invalid_qualifier(command.verb, "qualifier", wanted))

    def _read(self, command: Command, faults: list[Fault]) -> Iterator[Part]:
        name = command.device
        setting = "setting" in command.qualifiers
        if name == SUPERCYCLE_TIME:
            value, unit = self._supercycle_time(setting=setting), "Seconds"
            if not setting:
                value = self._standing_still(value, faults)
        elif (devices := devices_named(name)) and not setting:
            value, unit = " ".join(map(self._latest, devices)), devices[0].unit
        else:
            return _pieces(texts.invalid_device(name, "read"))
        return _pieces(
            texts.reading(
                name,
                value,
                unit,
                with_name="no_name" not in command.qualifiers,
                with_unit="no_units" not in command.qualifiers,
            )
        )

    def _show(self, command: Command, faults: list[Fault]) -> Iterator[Part]:
        del faults  # a text of the database is not a row of a log
        devices = devices_named(command.device)
        if not devices:
            return _pieces(texts.invalid_device(command.device, command.verb))
        if {"wherelogged", "logger_lists"} & command.qualifiers.keys():
            rows = logger_lists_of(command.device)
            return _pieces(texts.logger_lists(command.device, rows))
        if described := texts.database_texts(devices[0], command.qualifiers):
            return _pieces(described)
        wanted = ", ".join(command.qualifiers)
        return _pieces(texts.invalid_qualifier(command.verb, "qualifier", wanted))

    def _supercycle_time(self, *, setting: bool) -> str:
        now = self._now()
        supercycle = self._machine.schedule.at(now)
        if setting:
            return texts.supercycle_seconds(supercycle.recipe.length_ticks)
        return f"{(now - supercycle.start_microseconds) / 1e6:.6f}"

    def _standing_still(self, value: str, faults: list[Fault]) -> str:
        """The time into the supercycle, or what it was when the fault ``frozen`` first met it."""
        if not any(fault.kind == "frozen" for fault in faults):
            self._frozen = ""
            return value
        self._frozen = self._frozen or value
        return self._frozen

    def _latest(self, device: Device) -> str:
        now = self._now()
        clock = self._machine.clock
        if device.period_seconds is not None:
            blocks = self._machine.blocks_between(device, now, now)
            return f"{self._machine.block(device, blocks[0])[1][-1]:.6g}"
        return f"{self._machine.signals.values(device, clock.first_tick_from(now) - 1, 1)[0]:.6g}"

    def _spans(self, device: Device, window: Span) -> list[Span]:
        """The spans a window falls into: fast data that is too old is gone or slower."""
        retention = self._options.retention
        oldest = (self._now() - RETENTION_MICROSECONDS) // _HOUR * _HOUR
        if retention == "off" or device.period_seconds is not None or window.first >= oldest:
            return [window]
        newer = [Span(oldest, window.last, settled=window.settled)] * (window.last >= oldest)
        if retention == "gone":
            return newer
        return [Span(window.first, min(window.last, oldest - 1), _SLOW_TIER_TICKS), *newer]

    def _window(self, command: Command) -> Span:
        """The span a request asks for, as far as it is not in the future."""
        start, end = (self._time(text or "") for text in self._times_of(command))
        now = self._now()
        return Span(max(start, HISTORY_BEGINS), min(end, now), settled=end < now)

    def _times_of(self, command: Command) -> tuple[str | None, str | None]:
        names = ("start_time", "stop_time") if command.verb == "event_log" else ("start", "end")
        start, end = (command.qualifiers.get(name) for name in names)
        return start, end

    def _time(self, text: str) -> int:
        return parse_local_time(text, self._now())


def _number_style(command: Command) -> str:
    if "double" in command.qualifiers:
        return "double"
    return "full" if "ignore_db_format" in command.qualifiers else "database"


def _pieces(text: str) -> Iterator[Part]:
    return iter([text.encode()])


def _text(text: str) -> Answer:
    return Answer(_pieces(text))


def _or_else(parts: Iterator[Part], text: str, preamble: str = "") -> Iterator[Part]:
    """The parts after a preamble, or a text if there are none."""
    first = next(parts, None)
    if first is None:
        return _pieces(text)
    return chain(_pieces(preamble) if preamble else (), (first,), parts)


def _replaced(kind: str, command: Command) -> Answer:
    if kind == "html":
        page = texts.WEB_PAGE.format(title="Welcome")
        return Answer(_pieces(page), "text/html")
    if kind == "no-values":
        return _text(texts.NO_VALUES)
    template = texts.ERROR_TEXTS[kind.removeprefix("error-")]
    return _text(template.format(device=command.device, command=command.text))
