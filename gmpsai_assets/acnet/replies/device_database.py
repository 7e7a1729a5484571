"""What the device database holds of a device: its description and unit.

Here belongs the shape of the reply to ``show DEVICE/text/units/FTD``: its fixed columns as the client p2acnet reads
them (description from column 21 of the first line, unit from column 21 of the second). The logger lists are in
``logger_lists``.
"""

import re
from dataclasses import dataclass

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
