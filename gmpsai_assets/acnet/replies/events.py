"""Occurrences of one TCLK event out of an ``event_log`` reply.

Here belongs the reply as it was delivered; trimming, sorting and duplicates are in ``settling``.
"""

from gmpsai_assets.acnet.errors import UnreadableReply
from gmpsai_assets.acnet.replies.reader import ParsedRows, RowReader
from gmpsai_assets.acnet.replies.refusals import complains
from gmpsai_assets.acnet.replies.rows import Form
from gmpsai_assets.acnet.replies.samples import ParsedSamples, in_utc


class EventParser:
    """Reads one ``event_log`` reply, chunk by chunk.

    Lines are ``DD-MON-YYYY HH:MM:SS.mmm offset``: local wall time, and seconds since the last
    start of the supercycle (slightly negative for events of its first tick). Any preamble and
    title row is tolerated: replies of 2019 have none, those of 2026 have five lines and a title.

    Args:
        subject: event and window, for messages.
    """

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._reader = RowReader(subject)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AcnetError: by name, if an error text stands among the lines.
        """
        self._reader.feed(chunk)

    def finish(self) -> ParsedSamples:
        """All occurrences of the reply, as delivered; the values are the offsets in seconds.

        Raises:
            NoOccurrences: the event was not seen.
            AcnetError: by name, if there is no data line, or an error text among them.
        """
        return self._occurrences(self._reader.finish())

    def finish_cut(self) -> ParsedSamples:
        """The occurrences in whole lines of a reply that broke off.

        Raises:
            AcnetError: as ``finish`` does.
        """
        return self._occurrences(self._reader.finish_cut())

    def _occurrences(self, rows: ParsedRows) -> ParsedSamples:
        if rows.form is not Form.LOCAL:
            msg = "the times of events came as plain numbers, not as dates"
            raise UnreadableReply(msg, subject=self._subject)
        return in_utc(rows, tuple(filter(complains, rows.preamble)))
