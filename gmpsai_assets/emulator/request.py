"""ACL commands as they arrive in a URL: decoding, splitting, and the notations of time.

Only ``+``, ``%20``, ``%27`` and ``%22`` are decoded, as the laboratory's script was found to do, so
``B%7CGMPSSC`` stays a bad device name. What a command answers is decided in ``answers``.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gmpsai_assets.acnet.clock import (
    ACCELERATOR_ZONE,
    MONTHS,
    from_microseconds,
    local_midnight,
    to_microseconds,
)

READ_ONLY_VERBS = frozenset({"logger_get", "event_log", "tlg_info", "read", "show"})
"""Verbs that the emulator answers. Everything else, above all a set, is refused."""

_DECODED = (("+", " "), ("%20", " "), ("%27", "'"), ("%22", '"'))
_SPLIT = re.compile(r"(?<!\\);")
_WORD = re.compile(
    r"""\s* (?: /(?P<qualifier>\w+) (?: = (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)'
        | (?P<plain>[^\s/"']*) ) )?
    | (?P<argument>[^\s/"']+) ) \s*""",
    re.VERBOSE,
)
_DATE = re.compile(
    r"""(?: (?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})
    | (?P<day>\d{1,2})-(?P<name>[A-Za-z]{3})-(?P<year>\d{4}) )
    (?: [\s\-T]+ (?P<hour>\d{1,2}):(?P<minute>\d{2})
        (?: :(?P<second>\d{2}) (?: \.(?P<fraction>\d{1,6}) )? )? )?""",
    re.VERBOSE,
)


class CommandSyntaxError(ValueError):
    """The text is not a command that the emulator understands."""


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        text: as it was written, decoded.
        verb: first word, lower case.
        qualifiers: values by name in lower case, in the order written; empty text if it has none.
        arguments: words without a slash.
    """

    text: str
    verb: str
    qualifiers: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    @property
    def device(self) -> str:
        """The device the command names, upper case; empty if none."""
        given = self.qualifiers.get("device") or (self.arguments[0] if self.arguments else "")
        return given.upper()


def decode_query(query: str) -> str:
    """The command text of a URL's query, with or without ``acl=`` before it."""
    text = query.removeprefix("acl=")
    for code, character in _DECODED:
        text = text.replace(code, character)
    return text


def split_commands(text: str) -> list[Command]:
    """The commands of a text, which are separated by ``;``.

    Raises:
        CommandSyntaxError: if one of them cannot be read.
    """
    return [parse_command(part) for part in _SPLIT.split(text) if part.strip()]


def parse_command(text: str) -> Command:
    """Read one command: verb, ``/qualifier[=value]`` anywhere, and arguments.

    Raises:
        CommandSyntaxError: if the text has no such form.
    """
    text = text.strip()
    verb = re.match(r"[\w~]+", text)
    if verb is None:
        msg = f"no command in {text!r}"
        raise CommandSyntaxError(msg)
    qualifiers: dict[str, str] = {}
    arguments: list[str] = []
    place = verb.end()
    while place < len(text):
        word = _WORD.match(text, place)
        if word is None:
            msg = f"cannot read {text[place:]!r}"
            raise CommandSyntaxError(msg)
        place = word.end()
        if word["argument"] is not None:
            arguments.append(word["argument"])
        else:
            value = word["double"] or word["single"] or word["plain"] or ""
            qualifiers[word["qualifier"].lower()] = value
    return Command(text, verb[0].lower(), qualifiers, tuple(arguments))


def parse_local_time(text: str, now_microseconds: int) -> int:
    """Read a time of a request: America/Chicago wall time, or Yesterday, Today, Now.

    01:xx in November is taken as the first of the two.

    Args:
        text: ``2020-03-10 00:00:00``, ``11-OCT-2012-12:30``, ``09-Nov-2022 00:00:00.250``, a word.
        now_microseconds: what Now is, microseconds since 1970 UTC.

    Returns:
        Microseconds since 1970 UTC.

    Raises:
        CommandSyntaxError: if the text is no time.
    """
    word = text.strip().lower()
    if word == "now":
        return now_microseconds
    if word in {"today", "yesterday"}:
        today = from_microseconds(now_microseconds).astimezone(ACCELERATOR_ZONE).date()
        return to_microseconds(local_midnight(today - timedelta(days=word == "yesterday")))
    match = _DATE.fullmatch(text.strip())
    if match is None:
        msg = f"{text!r} is no time"
        raise CommandSyntaxError(msg)
    local = _local_time(match, text)
    return to_microseconds(local.replace(tzinfo=ACCELERATOR_ZONE))


def _local_time(match: re.Match[str], text: str) -> datetime:
    part = match.groupdict(default="0")
    if match["iso_year"]:
        year, month, day = part["iso_year"], part["iso_month"], part["iso_day"]
    else:
        name = part["name"].upper()
        month = str(MONTHS.index(name) + 1) if name in MONTHS else "0"
        year, day = part["year"], part["day"]
    time = f"{part['hour']:0>2}:{part['minute']:0>2}:{part['second']:0>2}"
    fraction = part["fraction"].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{time}.{fraction}")
    except ValueError as error:
        msg = f"{text!r} is no time: {error}"
        raise CommandSyntaxError(msg) from error
