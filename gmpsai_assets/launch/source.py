"""The source of the data directory, as far as the platform is concerned: its emulator, and the word of a person.

``claim_source`` is called at each start, before anything is asked; the command ``gmpsai source`` shows the source and
accepts another one. What a source is belongs to ``lake.source``, which knows no emulator: here alone is decided that it
is a service that ``gmpsai run`` starts.
"""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from gmpsai_assets import settings
from gmpsai_assets.acnet.addresses import ServiceAddress, is_loopback
from gmpsai_assets.lake.source import (
    SourceFileError,
    accept_source,
    known_source,
    refuse_another_source,
    start_own_source,
)
from gmpsai_assets.launch.addresses import Addresses
from gmpsai_assets.timeline.heartbeat import PLATFORM

_EMULATOR = "emulator"


def emulator_cache(data: Path) -> Path:
    """Where the emulator of a data directory keeps what it has rendered."""
    return data / "emulator_cache"


def claim_source(data: Path, addresses: Addresses) -> None:
    """Make sure that the data directory is that of the service that this platform asks.

    A lake of an older version that names a service on this machine, and has a cache of an emulator, is one of it.

    Raises:
        AnotherSourceError: it holds what another service has answered.
        SourceFileError: what it remembers cannot be read.
        ServiceAddressError: the named address cannot be one.
    """
    if addresses.emulator is None:
        refuse_another_source(data, ServiceAddress.parse(addresses.acl_url).url)
        return
    known = known_source(data)
    adopt = (
        known is not None
        and not known.is_recorded
        and is_loopback(urlsplit(known.url).hostname or "")
        and emulator_cache(data).is_dir()
    )
    start_own_source(data, addresses.acl_url, PLATFORM, adopt=adopt)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``gmpsai source``."""
    parser.description = (
        "Shows which service the data directory holds the answers of. No other one is asked for it: its samples would "
        "be mixed with those that are there."
    )
    parser.add_argument(
        "--accept",
        metavar="ADDRESS",
        help="from now on this is the source, as when the service has moved: the base URL of acl.pl, or `emulator` for "
        "the one that gmpsai run brings",
    )


def run(arguments: argparse.Namespace) -> int:
    """Show the source, or accept another one; 2 if that cannot be."""
    data = settings.data_directory()
    try:
        if arguments.accept == _EMULATOR:
            accept_source(data, "", PLATFORM)
        elif arguments.accept is not None:
            accept_source(data, ServiceAddress.parse(arguments.accept).url)
        print(_described(data))
    except (SourceFileError, OSError, ValueError) as error:
        print(f"gmpsai source: {error}", file=sys.stderr)
        return 2
    return 0


def _described(data: Path) -> str:
    known = known_source(data)
    if known is None:
        return f"{data} holds nothing of any service yet"
    since = f", since {known.since}" if known.is_recorded else ", as its newest files say"
    earlier = "".join(f"\n  until {each['until']}: {each['source']}" for each in known.earlier)
    return f"{data} holds what comes from {known}{since}{earlier}"
