"""What the device database holds of a device: its description and unit, and the logger lists that hold it.

Here belong the shapes of the replies to ``show``: the fixed columns of ``show DEVICE/text/units/FTD`` as the client
p2acnet reads them (description from column 21 of the first line, unit from column 21 of the second), and the table of
``show/whereLogged``.
"""

import re
from dataclasses import dataclass

from gmpsai_assets.acnet.devices import LISTED_NAME_GRAMMAR
from gmpsai_assets.acnet.errors import UnreadableReply
from gmpsai_assets.acnet.replies.lines import plain
from gmpsai_assets.acnet.replies.refusals import coded, refusal

_TAG = re.compile(r"</?[A-Za-z!][^<>\n]*>")
_LABEL_COLUMNS = 21


@dataclass(frozen=True)
class DeviceDescription:
    """Words of the database about a device; each may be empty.

    Attributes:
        text: what the device is.
        unit: unit of its reading.
    """

    text: str
    unit: str


def parse_device_description(body: bytes, subject: str) -> DeviceDescription:
    """Read the three lines of text, units and FTD (the rate of default reading).

    Raises:
        AcnetError: by name, if there are not three lines wide enough, or for an error text.
    """
    text = body.decode("ascii", "replace")
    error = coded(text, subject)
    if error is not None:
        raise error
    # A tag on a line of its own leaves a blank line; columns inside a line are not moved.
    lines = [line.rstrip() for line in _TAG.sub("", text).splitlines()]
    lines = [line for line in lines if line and not line.startswith("! ")]
    labelled = len(lines) == 3 and all(" " in line or ":" in line for line in lines)
    if not labelled or max(map(len, lines)) <= _LABEL_COLUMNS:
        raise refusal(text, subject)
    return DeviceDescription(*(line[_LABEL_COLUMNS:].strip() for line in lines[:2]))


_ROW = re.compile(
    rf"(?P<device>{LISTED_NAME_GRAMMAR}) (?P<node>[A-Za-z]\w{{0,7}}) "
    r"(?P<rate>Event|Client|[\d.]+ ?(?:Hz|Sec|Min|Hour)s?) (?P<number>\d+) (?P<event>\S+)",
    re.IGNORECASE,
)
_PERIODIC = re.compile(r"([\d.]+) ?(Hz|Sec|Min|Hour)s?", re.IGNORECASE)
_DATA_EVENT = re.compile(r"[pq],(\d+)(?:,.*)?", re.IGNORECASE)
_SECONDS = {"sec": 1.0, "min": 60.0, "hour": 3600.0}
_COUNT = re.compile(r"Logger lists containing \S+ \((\d+)\)", re.IGNORECASE)


@dataclass(frozen=True)
class LoggerList:
    """One list of one logger node.

    Attributes:
        device: what the list holds: a device, one element of it, or a range, ``L:D7TOR[0:1]``.
        node: the logger node, such as ``MLrn``.
        rate: the name of the list: ``15 Hz``, ``15 Sec``, ``Event``, ``Client``.
        number: the number of the list on its node.
        event: when a sample is kept, as a data event: ``p,66,true`` or ``e,0A,e,0``.
    """

    device: str
    node: str
    rate: str
    number: int
    event: str

    @property
    def nominal_rate_hz(self) -> float | None:
        """Samples a second that the list keeps; None if it keeps one when something happens.

        The name counts, since a data event is in whole milliseconds: ``15 Hz`` is ``p,66``.
        """
        named = _PERIODIC.fullmatch(self.rate)
        if named and float(named[1]):
            unit = named[2].lower()
            return float(named[1]) if unit == "hz" else 1 / (float(named[1]) * _SECONDS[unit])
        periodic = _DATA_EVENT.fullmatch(self.event)
        return 1000 / int(periodic[1]) if periodic and int(periodic[1]) else None


def parse_logger_lists(body: bytes, subject: str) -> tuple[LoggerList, ...]:
    """All rows of the table, in order; none if its title announces none.

    Raises:
        UnreadableReply: a row is not understood, or their number is not the one in the title.
        AcnetError: by name, for an error text.
    """
    text = plain(body).decode("ascii", "replace")
    error = coded(text, subject)
    if error is not None:
        raise error
    lines = [line for line in text.split("\n") if line]
    rule = next((place for place, line in enumerate(lines) if line.startswith("----")), -1)
    title = _COUNT.search(text)
    announced = int(title[1]) if title else None
    if rule < 0 and announced != 0:
        raise refusal(body.decode("ascii", "replace"), subject)
    rows = tuple(_row(line, subject) for line in lines[rule + 1 :]) if rule >= 0 else ()
    if announced not in (None, len(rows)):
        msg = f"{announced} lists are announced and {len(rows)} came"
        raise UnreadableReply(msg, subject=subject, received=text)
    return rows


def _row(line: str, subject: str) -> LoggerList:
    found = _ROW.fullmatch(line)
    if not found:
        msg = "a row of the table of logger lists is not understood"
        raise UnreadableReply(msg, subject=subject, received=line)
    device, node, rate, number, event = found.groups()
    return LoggerList(device.upper(), node, rate, int(number), event)
