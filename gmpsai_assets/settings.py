"""The environment variables that configure the platform, each with its default.

A variable is read when a value is asked for, never while a module loads. Here alone a path that a person wrote, in a
variable, an option or a resource, becomes the path that is meant.
"""

import os
import re
from datetime import datetime
from pathlib import Path

from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.acnet.clock import newest_complete_day, parse_day

EMULATOR_PORT = 8471
"""Loopback port of the emulator under ``gmpsai run`` unless another is named; also the one that it chooses alone."""

SITE_PORT = 8472
"""Loopback port of the plot site unless another is named."""

UI_PORT = 3000
"""Loopback port of the Dagster UI unless another is named."""

PACKAGED_LISTS = (Path(__file__).parent / "parameter_lists").absolute()
"""The parameter lists that come with the package; the folder is only read."""


def emulator_url(port: int) -> str:
    """The base URL of an emulator on this machine."""
    return f"http://127.0.0.1:{port}/cgi-bin/acl.pl"


def named_acl_url() -> str | None:
    """``GMPSAI_ACL_URL`` if it names a service; None if it is not set or empty."""
    return os.environ.get("GMPSAI_ACL_URL", "").strip() or None


def acl_url() -> str:
    """``GMPSAI_ACL_URL``: base URL of acl.pl, perhaps with a login. There is no default.

    Raises:
        ServiceAddressError: no service is named; the message says how to name one.
    """
    named = named_acl_url()
    if named is None:
        msg = (
            "no service is named: set GMPSAI_ACL_URL to the base URL of acl.pl, such as http://host/cgi-bin/acl.pl; "
            "`gmpsai run` needs none, as it brings an emulator"
        )
        raise ServiceAddressError(msg)
    return named


class PathSettingError(ValueError):
    """A path that cannot be the one that is meant; the message names the setting and what to write."""


_UNEXPANDED = re.compile(r"\$(\w+|\{\w+\})(?=/|$)")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def path_of(text: str, name: str) -> Path:
    """The path that a person means: ``~`` and ``~user`` expanded, absolute, without ``..``.

    Args:
        text: as it was written; blanks around it do not count.
        name: of the variable, option or field, for the message.

    Raises:
        PathSettingError: there is no such user, or it begins with a variable that nobody has expanded.
    """
    path = Path(text.strip())
    if _UNEXPANDED.match(str(path)):
        msg = f"{name} is {text}: variables are not expanded here; write the path out, or begin it with ~/"
        raise PathSettingError(msg)
    try:
        path = path.expanduser().absolute()
    except RuntimeError as error:
        msg = f"{name} is {text}: this machine knows no home of {path.parts[0]}; write the path out"
        raise PathSettingError(msg) from error
    return path.resolve() if ".." in path.parts else path


def folder_of(text: str, name: str) -> Path:
    """The same of a path that is a folder, or can be made one.

    Raises:
        PathSettingError: also if it, or what it lies in, is a file or a link to nothing.
    """
    path = path_of(text, name)
    nearest = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if nearest.is_dir():
        return path
    if nearest.is_symlink() and not nearest.exists():
        what = f"a link to {nearest.readlink()}, which is not there; is its disk mounted?"
    else:
        what = "a file and no folder; move it away, or name another folder"
    msg = f"{name} is {text}, and {nearest} is {what}"
    raise PathSettingError(msg)


def data_directory() -> Path:
    """``GMPSAI_DATA_DIR``: the lake, its drafts and its catalogue; by default ``./data``.

    Raises:
        PathSettingError: it can be no folder.
    """
    return folder_of(os.environ.get("GMPSAI_DATA_DIR") or "data", "GMPSAI_DATA_DIR")


def default_tape_path() -> Path:
    """The tape path where no other is set: ``tape`` in the data directory."""
    return data_directory() / "tape"


def tape_path(written: str = "") -> str:
    """The tape path: ``written``, or else ``GMPSAI_TAPE``, or else the default one; an address stays as it is."""
    text = written or os.environ.get("GMPSAI_TAPE") or str(default_tape_path())
    return text if _ADDRESS.match(text) else str(path_of(text, "GMPSAI_TAPE"))


def site_directory() -> Path:
    """``GMPSAI_SITE_DIR``: where the site and its JSON are published; by default ``site`` in the data directory."""
    written = os.environ.get("GMPSAI_SITE_DIR")
    return path_of(written, "GMPSAI_SITE_DIR") if written else data_directory() / "site"


def parameter_lists_directory() -> Path:
    """``GMPSAI_PARAMETER_LISTS``: folder of parameter lists; by default the lists in the package."""
    written = os.environ.get("GMPSAI_PARAMETER_LISTS")
    return path_of(written, "GMPSAI_PARAMETER_LISTS") if written else PACKAGED_LISTS


def first_day() -> str:
    """``GMPSAI_FIRST_DAY``: the first day partition; by default 2026-01-01.

    Raises:
        ValueError: if the variable is not a day ``YYYY-MM-DD``.
    """
    text = os.environ.get("GMPSAI_FIRST_DAY") or "2026-01-01"
    try:
        parse_day(text)
    except ValueError as error:
        msg = f"GMPSAI_FIRST_DAY: {error}"
        raise ValueError(msg) from None
    return text


def refuse_day_without_partition(day: str, now: datetime) -> None:
    """Make sure that a day can be made: it is over at the laboratory, and not before the first one.

    Args:
        day: the partition key.
        now: the present moment, aware.

    Raises:
        ValueError: it cannot; the message says what to set, or which days there are.
    """
    parse_day(day)
    newest, first = newest_complete_day(now), first_day()
    if day > newest:
        msg = f"{day} is not over yet at the laboratory; the newest complete day is {newest}"
        raise ValueError(msg)
    if day < first:
        msg = f"{day} is before the first day {first}; set GMPSAI_FIRST_DAY={day}"
        raise ValueError(msg)
