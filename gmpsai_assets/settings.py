"""The environment variables that configure the platform, each with its default.

A variable is read when a value is asked for, never while a module loads.
"""

import os
from datetime import datetime
from pathlib import Path

from gmpsai_assets.acnet.clock import newest_complete_day, parse_day

EMULATOR_PORT = 8471
"""Loopback port of the emulator under ``gmpsai run`` unless another is named; also the one that it chooses alone."""

SITE_PORT = 8472
"""Loopback port of the plot site unless another is named."""

UI_PORT = 3000
"""Loopback port of the Dagster UI unless another is named."""

PACKAGED_LISTS = (Path(__file__).parent / "parameter_lists").absolute()
"""The parameter lists that come with the package; the folder is only read."""


def emulator_url(port: int = EMULATOR_PORT) -> str:
    """The base URL of an emulator on this machine."""
    return f"http://127.0.0.1:{port}/cgi-bin/acl.pl"


def named_acl_url() -> str | None:
    """``GMPSAI_ACL_URL`` if it names a service; None if it is not set or empty, which means an emulator."""
    return os.environ.get("GMPSAI_ACL_URL") or None


def acl_url() -> str:
    """``GMPSAI_ACL_URL``: base URL of acl.pl; by default the emulator on loopback."""
    return named_acl_url() or emulator_url()


def data_directory() -> Path:
    """``GMPSAI_DATA_DIR``: the lake, its drafts and its catalogue; by default ``./data``."""
    return Path(os.environ.get("GMPSAI_DATA_DIR") or "data").absolute()


def tape_path() -> str:
    """``GMPSAI_TAPE``: the tape path as it is written there; by default ``tape`` in the data directory."""
    return os.environ.get("GMPSAI_TAPE") or str(data_directory() / "tape")


def site_directory() -> Path:
    """``GMPSAI_SITE_DIR``: where the site and its JSON are published; by default ``site`` in the data directory."""
    return Path(os.environ.get("GMPSAI_SITE_DIR") or data_directory() / "site").absolute()


def parameter_lists_directory() -> Path:
    """``GMPSAI_PARAMETER_LISTS``: folder of parameter lists; by default the lists in the package."""
    return Path(os.environ.get("GMPSAI_PARAMETER_LISTS") or PACKAGED_LISTS).absolute()


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
