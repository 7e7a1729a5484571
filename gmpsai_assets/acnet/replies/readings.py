"""Single values out of ``read`` replies.

Here belong the shapes of one-line answers.
"""

import math
import re
from dataclasses import dataclass

from gmpsai_assets.acnet.errors import SeveralValues, UnreadableReply
from gmpsai_assets.acnet.replies.lines import NUMBER, plain
from gmpsai_assets.acnet.replies.refusals import PAGE_TAG, coded, refusal

_LONGEST_READING = 500
"""Characters; chosen: a name, a value and a unit have some 50."""
_PAGE = re.compile(PAGE_TAG.encode())
_LABELLED = re.compile(r"(?P<label>[^=]*\S) ?= ?(?P<value>\S.*)")
_QUANTITY = re.compile(rf"(?P<number>{NUMBER})(?: (?P<unit>[^\s\d]\S{{0,15}}))?")
_NUMBERS = re.compile(rf"{NUMBER}(?: {NUMBER})+")
_STATE = re.compile(r"[A-Za-z][A-Za-z0-9 ]{0,31}")


@dataclass(frozen=True)
class Reading:
    """One value that the service read.

    Attributes:
        label: the name of what was read, such as ``M:OUTTMP`` or ``Z:ACLTST alarm maximum``; may be
            empty.
        number: the value, or None for a state in words.
        text: the value as it came, such as ``12.34`` or ``False``.
        unit: the unit as it came; may be empty.
    """

    label: str
    number: float | None
    text: str
    unit: str = ""

    @property
    def resolution(self) -> float:
        """What one more in the last printed digit would be, in the value's unit: 0.01 for ``12.34``."""
        digits, _, exponent = self.text.lower().partition("e")
        power = int(exponent[:7] or 0) - len(digits.partition(".")[2])
        return 10.0 ** max(-300, min(power, 300))


def parse_reading(body: bytes, subject: str) -> Reading:
    """Read ``NAME = value unit``, or a bare value.

    Raises:
        SeveralValues: the value is an array.
        AcnetError: by name, for everything else.
    """
    line = _only_line(body, subject)
    labelled = _LABELLED.fullmatch(line)
    label, value = (labelled["label"], labelled["value"]) if labelled else ("", line)
    if _NUMBERS.fullmatch(value):
        msg = "several values came in place of one"
        raise SeveralValues(msg, subject=subject, received=line)
    quantity = _QUANTITY.fullmatch(value)
    if quantity and math.isfinite(float(quantity["number"])):
        unit = quantity["unit"] or ""
        return Reading(label, float(quantity["number"]), quantity["number"], unit)
    # Words alone could be any unknown error text, so they count only behind a name and "=".
    if labelled and _STATE.fullmatch(value):
        return Reading(label, None, value)
    raise refusal(line, subject)


def parse_number(body: bytes, subject: str) -> float:
    """The finite number of a ``read`` reply.

    Raises:
        UnreadableReply: the value is a state in words, or is followed by a word and has no name,
            as an unknown error text could be.
        AcnetError: by name, for everything else.
    """
    number, _ = parse_number_and_resolution(body, subject)
    return number


def parse_number_and_resolution(body: bytes, subject: str) -> tuple[float, float]:
    """The finite number of a ``read`` reply, and what one more in its last printed digit would be.

    Raises:
        AcnetError: as ``parse_number``.
    """
    reading = parse_reading(body, subject)
    if reading.number is None or (reading.unit and not reading.label):
        msg = "words came in place of a number"
        raise UnreadableReply(msg, subject=subject, received=body)
    return reading.number, reading.resolution


def _only_line(body: bytes, subject: str) -> str:
    """The one line that is neither blank nor a message."""
    if _PAGE.search(body) and b"<pre" not in body.lower():
        raise refusal(body.decode("ascii", "replace"), subject)
    lines = [line for line in plain(body).decode("ascii", "replace").split("\n") if line]
    error = coded("\n".join(lines), subject)
    if error is not None:
        raise error
    lines = [line for line in lines if not line.startswith("! ")]
    if len(lines) != 1 or len(lines[0]) > _LONGEST_READING:
        raise refusal(body.decode("ascii", "replace"), subject)
    return lines[0]
