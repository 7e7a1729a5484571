"""Which error a text of the service means.

Here belong the known texts that come in place of data, all under HTTP 200. Sources: the clients
fermilab-accelerator-ai/workflow and pacsys (pacsys/backends/acl.py and its tests).
"""

import re

from gmpsai_assets.acnet.errors import (
    AclErrorReply,
    AcnetError,
    CommandEcho,
    DeviceRefused,
    EmptyReply,
    MessageReply,
    NoOccurrences,
    NoValues,
    PendingTimeout,
    ServiceBusy,
    SyntaxRefused,
    UnreadableReply,
    WebPageReply,
)

ERROR_LINE = r" - (?:[^ ]+ )?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*$"
"""The end of an error line: ``- [device ]CODE``."""

PAGE_TAG = r"(?i)<(?:!doctype|html|head|title|body|h[1-6])\b"
PENDING = "DPM_PEND"

_LOOKED_AT = 4000
"""Characters of a reply by which it is named; error texts and titles of pages stand in its first lines."""

_ERROR_LINE = re.compile(ERROR_LINE, re.MULTILINE)
_PAGE = re.compile(PAGE_TAG)
_NO_VALUES = re.compile(r"(?im)^\s*no values\b")
_NO_OCCURRENCES = re.compile(r"(?im)^\s*no occurrences of event\b")
_TITLE = re.compile(r"(?is)<(title|h1)[^>]*>(.*?)</\1>")
_TAG = re.compile(r"(?s)<[^<>]*>")
_ECHO = re.compile(r"\b(?:logger_get|event_log|tlg_info|read|show)/", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"(?i)\b(?:abort|cannot|could not|den(?:y|ied)|drop|err(?:or)?\b|exceed|fail|fatal|inactive|incomplete|interrupt|"
    r"invalid|limit|lost|missing|no (?:answer|reply|response)|not (?:available|respond|running|all)|offline|overflow|"
    r"partial|refus|time[d -]*out|trunc|unable|unavailable|unknown|unreachable|warn)|^! "
)
_PASSING_CODE = re.compile(r"_(?:UTIME|TMO|TIMEOUT|PEND|NODEDOWN|COMM|BUSY|DISCONNECTED|NO_NODE)$")
_DEVICE_CODE = re.compile(r"(?:DIO|DBM)_")


def complains(line: str) -> bool:
    """Whether a line that is no data reads like a warning or an error, though of no known kind."""
    return bool(_COMPLAINT.search(line))


def refusal(text: str, subject: str) -> AcnetError:
    """The error that a reply without data means; there is always one.

    Args:
        text: the beginning of the reply, or all of it.
        subject: device or event and window, for the message.
    """
    text = text.lstrip()[:_LOOKED_AT].rstrip()
    if not text:
        msg = "the reply holds nothing but blanks"
        return EmptyReply(msg, subject=subject)
    bare = _TAG.sub("\n", text).strip()
    return (
        coded(bare, subject)
        or _fact(bare, subject)
        or _web_page(text, subject)
        or _unknown(bare, subject)
    )


def _fact(text: str, subject: str) -> AcnetError | None:
    if _NO_VALUES.search(text):
        msg = "the logger holds no values"
        return NoValues(msg, subject=subject, received=text)
    if _NO_OCCURRENCES.search(text):
        msg = "the event did not occur"
        return NoOccurrences(msg, subject=subject, received=text)
    return None


def coded(text: str, subject: str) -> AcnetError | None:
    """The error of a text that holds an error code, or None."""
    if PENDING in text:
        msg = "the front end did not answer the service in time"
        return PendingTimeout(msg, subject=subject, received=text)
    found = _ERROR_LINE.search(text)
    if found is None:
        return None
    code = found[1]
    if _PASSING_CODE.search(code):
        return ServiceBusy(f"the service answered {code}", subject=subject, received=text)
    if code == "CLIB_SYNTAX":
        return SyntaxRefused(code, subject=subject, received=text)
    kind = DeviceRefused if _DEVICE_CODE.match(code) else AclErrorReply
    return kind(code, subject=subject, received=text)


def _web_page(text: str, subject: str) -> WebPageReply | None:
    if not _PAGE.search(text):
        return None
    title = _TITLE.search(text)
    msg = "a web page came in place of data"
    return WebPageReply(msg, subject=subject, received=title[2] if title else text)


def _unknown(text: str, subject: str) -> AcnetError:
    if text.startswith("! "):
        msg = "the service sent a message and no data"
        return MessageReply(msg, subject=subject, received=text)
    if _ECHO.search(text):
        msg = "the service repeated the command in an unknown error text"
        return CommandEcho(msg, subject=subject, received=text)
    msg = "the reply has neither the expected data nor a known error text"
    return UnreadableReply(msg, subject=subject, received=text)
