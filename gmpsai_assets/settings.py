"""The environment variables that configure the platform, each with its default.

A variable is read when a value is asked for, never while a module loads.
"""

import os
from pathlib import Path

from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.acnet.clock import parse_day

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
