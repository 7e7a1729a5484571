"""Samples of one device out of a ``logger_get`` reply.

Here belongs the reply as it was delivered; trimming, sorting and duplicates are in ``settling``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmpsai_assets.acnet.replies.local_times import local_to_utc
from gmpsai_assets.acnet.replies.reader import ParsedRows, RowReader
from gmpsai_assets.acnet.replies.rows import Form


@dataclass(frozen=True)
class ParsedSamples:
    """Rows of a reply in order of delivery.

    Attributes:
        time: int64 microseconds since 1970 UTC.
        value: float64, NaN where the line has no number.
        rows: the lines they came from, with the counts of everything unusual.
        remarks: lines before the rows that the service does not usually send.
        ambiguous_times: rows in the repeated hour of November that could be either pass.
        impossible_times: rows dropped because their wall time does not exist (March).
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    rows: ParsedRows
    remarks: tuple[str, ...] = ()
    ambiguous_times: int = 0
    impossible_times: int = 0

    @property
    def last_line_complete(self) -> bool:
        """Whether the last line had a line end; if not, the reply may be cut."""
        return self.rows.last_line_complete


def in_utc(rows: ParsedRows, remarks: tuple[str, ...]) -> ParsedSamples:
    """Rows with their times in UTC; wall times are placed by their order in the reply."""
    if rows.form is Form.EPOCH:
        return ParsedSamples(rows.clock, rows.value, rows, remarks)
    placed = local_to_utc(rows.clock)
    time, value = placed.time, rows.value
    impossible = len(time) - int(np.count_nonzero(placed.possible))
    if impossible:
        time, value = time[placed.possible], value[placed.possible]
    return ParsedSamples(time, value, rows, remarks, placed.ambiguous, impossible)


class SampleParser:
    """Reads one ``logger_get`` reply, chunk by chunk.

    Lines are ``epoch-seconds value``, or ``DD-MON-YYYY HH:MM:SS.mmm value`` in local time. Blanks,
    tabs, CR, blank lines, a preamble and HTML tags around the data are tolerated.

    Args:
        subject: device and window, for messages.
    """

    def __init__(self, subject: str) -> None:
        self._reader = RowReader(subject)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AcnetError: by name, if an error text stands among the lines.
        """
        self._reader.feed(chunk)

    def finish(self) -> ParsedSamples:
        """All samples of the reply, as delivered.

        Raises:
            NoValues: the service holds none.
            AcnetError: by name, if there is no data line, or an error text among them.
        """
        return _samples(self._reader.finish())

    def finish_cut(self) -> ParsedSamples:
        """The samples in whole lines of a reply that broke off.

        Raises:
            AcnetError: as ``finish`` does.
        """
        return _samples(self._reader.finish_cut())


def _samples(rows: ParsedRows) -> ParsedSamples:
    """Such a reply has no preamble (clients of the laboratory read data from its first line), so any is a remark."""
    return in_utc(rows, rows.preamble)
