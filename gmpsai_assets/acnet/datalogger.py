"""Questions to the control system, answered as Arrow tables.

Here commands, client and reply parsers meet. What is not understood is an error, never data; whether an
answer covers its window is not judged here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import compress

from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.commands import (
    EventLog,
    LoggerGet,
    ShowDevice,
    WhereLogged,
)
from gmpsai_assets.acnet.devices import device_of, is_element, names_that_hold
from gmpsai_assets.acnet.errors import (
    AclErrorReply,
    AcnetError,
    NothingLogged,
    ReplyTimeout,
    SeveralValues,
    TransientError,
    TruncatedReply,
)
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.device_database import (
    DeviceDescription,
    parse_device_description,
)
from gmpsai_assets.acnet.replies.lines import short_body
from gmpsai_assets.acnet.replies.logger_lists import LoggerList, parse_logger_lists
from gmpsai_assets.acnet.replies.sample_reply import (
    EventReply,
    ReplyCounts,
    SampleReply,
    no_samples,
    settle_samples,
)
from gmpsai_assets.acnet.replies.samples import EventParser, ParsedSamples, SampleParser


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class DataLogger:
    """Reads loggers, events and what is known of devices; safe to share between threads.

    Args:
        client: an open client; whoever made it closes it.
    """

    def __init__(self, client: AclClient) -> None:
        self._client = client

    @property
    def source(self) -> str:
        """The address of the service without user and password."""
        return self._client.url

    def samples(self, parameter: Parameter, window: Window) -> SampleReply:
        """The samples of one parameter in a window: ``time``, ``value``.

        If nothing was logged the table is empty and ``nothing_logged`` has the words of the service. If no attempt
        brought a whole reply but one brought a part, that is the table, and ``cut_short`` is the reason why there is
        no more; the value of its last row may be cut, too.

        Raises:
            AcnetError: by name, when the service cannot be read or its answer understood.
        """
        command = LoggerGet(parameter.device, window, parameter.node)
        try:
            return self._rows(command, SampleParser, "value")
        except SeveralValues as error:
            raise error.of_parameter(command.subject, command.device) from error

    def events(self, event: int, window: Window) -> EventReply:
        """The occurrences of one TCLK event in a window: ``time``, ``supercycle_seconds``.

        If there was none the table is empty; ``nothing_logged`` and ``cut_short`` as for samples.

        Raises:
            AcnetError: by name, when the service cannot be read or its answer understood.
        """
        return self._rows(EventLog(event, window), EventParser, "supercycle_seconds")

    def _rows(
        self,
        command: LoggerGet | EventLog,
        parser_of: Callable[[str], SampleParser | EventParser],
        column: str,
    ) -> SampleReply:
        started = time.monotonic()
        received = 0
        cut: ParsedSamples | None = None

        def read(chunks: Iterator[bytes]) -> ParsedSamples:
            nonlocal received, cut
            received = 0
            parser = parser_of(command.subject)
            try:
                for chunk in chunks:
                    received += len(chunk)
                    parser.feed(chunk)
            except (TruncatedReply, ReplyTimeout):
                cut = _longer(cut, parser.finish_cut)
                raise
            parsed = parser.finish()
            if not parsed.last_line_complete:
                # Replies end with a line end; without one, the last number may have lost digits.
                cut = _longer(cut, lambda: parsed)
                msg = "the reply ends in the middle of a line"
                raise TruncatedReply(msg, subject=command.subject)
            return parsed

        try:
            reply = settle_samples(self._client.ask(command, read), command.window, column)
        except NothingLogged as fact:
            reply = SampleReply(no_samples(column), ReplyCounts(), fact.received)
        except TransientError as error:
            if cut is None:
                raise
            reply = replace(settle_samples(cut, command.window, column), cut_short=error)
        seconds = time.monotonic() - started
        return replace(reply, bytes=received, seconds=seconds)

    def device_description(self, device: str) -> DeviceDescription:
        """Description and unit of a device, from the device database.

        Raises:
            DeviceNameError: no device name.
            DeviceRefused: the database has no such device.
            AcnetError: by name, when the service cannot be read or its answer understood.
        """
        command = ShowDevice(device)

        def read(chunks: Iterator[bytes]) -> DeviceDescription:
            return parse_device_description(short_body(chunks, command.subject), command.subject)

        return self._client.ask(command, read)

    def logger_lists(self, device: str) -> tuple[LoggerList, ...]:
        """The logger lists that hold a device or an element of an array: of each node, those of ``names_that_hold``.

        Of an element its device is asked about, since that answer has ranges and the whole array, too. The element
        itself is asked about where none of them names it; if that is refused, what was said of the device counts. There
        are none if the service knows the device and it is on no list.

        Raises:
            DeviceRefused: the service has no such device.
            AcnetError: by name, when the service cannot be read or its answer understood.
        """
        rows = self._where_logged(device_of(device))
        if is_element(device) and not any("[" in row.device for row in _holding(device, rows)):
            with suppress(AclErrorReply):
                rows += self._where_logged(device)
        nodes: dict[str, list[LoggerList]] = {}
        for row in rows:
            nodes.setdefault(row.node.casefold(), []).append(row)
        return tuple(row for of_node in nodes.values() for row in _holding(device, of_node))

    def _where_logged(self, device: str) -> tuple[LoggerList, ...]:
        command = WhereLogged(device)

        def read(chunks: Iterator[bytes]) -> tuple[LoggerList, ...]:
            body = short_body(chunks, command.subject)
            return parse_logger_lists(body, command.subject, command.device)

        return self._client.ask(command, read)


def _holding(device: str, rows: Sequence[LoggerList]) -> list[LoggerList]:
    return list(compress(rows, names_that_hold(device, [row.device for row in rows])))


def _longer(cut: ParsedSamples | None, read: Callable[[], ParsedSamples]) -> ParsedSamples | None:
    """The longer one of what an earlier attempt brought and what was read of a reply that broke off."""
    try:
        newer = read()
    except AcnetError:
        return cut  # not even one line came
    return newer if cut is None or len(newer.time) > len(cut.time) else cut
