"""What the device database says about a device, out of a ``show DEVICE/text/units/FTD`` reply.

Here belong the fixed columns of that reply, as the client p2acnet reads them: description from
column 21 of the first line, unit from column 21 of the second, rate in columns 25 to 32 of the
third.
"""

import re
from dataclasses import dataclass

from gmpsai_assets.acnet.replies.refusals import coded, refusal

_TAG = re.compile(r"</?[A-Za-z!][^<>\n]*>")


@dataclass(frozen=True)
class DeviceText:
    """Words about a device; each may be empty.

    Attributes:
        description: what it is.
        unit: unit of its reading.
        rate: its default rate of being read (frequency time descriptor).
    """

    description: str
    unit: str
    rate: str


def parse_device_text(body: bytes, subject: str) -> DeviceText:
    """Read the three lines.

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
    wide_enough = len(lines) == 3 and all(" " in line or ":" in line for line in lines)
    if not wide_enough or max(map(len, lines)) <= 21:
        raise refusal(text, subject)
    return DeviceText(lines[0][21:].strip(), lines[1][21:].strip(), lines[2][25:32].strip())
