"""The command ``gmpsai emulator``: its arguments, and its life until a signal ends it.

What the options mean is in ``options``.
"""

import argparse
import math
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from gmpsai_assets.acnet.clock import ACCELERATOR_ZONE, day_window, parse_day
from gmpsai_assets.emulator import faults
from gmpsai_assets.emulator.captures import DayCaptures
from gmpsai_assets.emulator.options import EmulatorOptions
from gmpsai_assets.emulator.recipes import USUAL_LENGTH_TICKS
from gmpsai_assets.emulator.service import EmulatorService, machine_of

PORT = 8471
"""Loopback port on which the emulator listens unless another is chosen."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "An ACL web service with one simulated Booster behind it."
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    # Without the first line and the last paragraph, which are for readers of the code.
    parser.epilog = (faults.__doc__ or "").partition("\n\n")[2].rpartition("\n\n")[0]
    add = parser.add_argument
    add(
        "--port",
        type=int,
        default=PORT,
        help="loopback port; 0 takes a free one (default: %(default)s)",
    )
    add("--seed", type=int, default=1, help="seed of the simulated machine")
    add("--now", type=_instant, metavar="ISO", help="start the laboratory's clock here; local time")
    add("--speed", type=_positive, default=1.0, help="simulated seconds per real second")
    add("--cache", type=_folder, metavar="DIR", help="keep rendered blocks here after the end")
    add(
        "--retention",
        choices=("off", "gone", "slow"),
        default="off",
        help="15 Hz data over 10 days old are kept, gone, or one sample a second (default: %(default)s)",
    )
    add("--fault", action="append", default=[], metavar="FAULT", help="see below; repeatable")
    add(
        "--supercycle-ticks",
        type=int,
        default=USUAL_LENGTH_TICKS,
        help="line ticks of a supercycle, at least 2 (default: %(default)s)",
    )
    add(
        "--late-front-end",
        action="append",
        default=[],
        metavar="DEVICE=MS[,JITTER]",
        help="stamps of this device come late; repeatable",
    )
    add("--latency", type=_seconds, default=0.0, metavar="SECONDS", help="added to every request")
    add(
        "--stamp-decimals",
        type=int,
        choices=(3, 6),
        default=3,
        help="of the seconds in stamps of samples (default: %(default)s, whole milliseconds)",
    )
    add("--verbose", action="store_true", help="one line per request on stderr")
    add(
        "--captures-into",
        type=_folder,
        metavar="FOLDER",
        help="write capture files there, as of a timeline logger, for each past day whose $00 is asked for",
    )
    add(
        "--captures-of",
        type=_day,
        metavar="DAY",
        help="write the capture file of this past day, YYYY-MM-DD, into the folder of --captures-into, and exit",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, or write one day of captures; 2 if an argument cannot be used, else 0."""
    try:
        if arguments.captures_of is not None:
            sys.stdout.write(f"{_write_captures(_options(arguments), arguments.captures_of)}\n")
            return 0
        service = EmulatorService(_options(arguments))
    except (ValueError, OverflowError, OSError) as error:
        sys.stderr.write(f"gmpsai emulator: {error}\n")
        return 2
    signal.signal(signal.SIGTERM, _end)
    try:
        sys.stdout.write(f"{service.url}\n")
        sys.stdout.flush()
        service.serve_forever()
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        service.close()
    return 0


def _write_captures(options: EmulatorOptions, day: str) -> str:
    """Write the captures of a past day; returns what became of them."""
    if options.captures_into is None:
        msg = "--captures-of needs a folder to write to: --captures-into FOLDER"
        raise ValueError(msg)
    if day_window(day).end > (options.now or datetime.now(UTC)):
        msg = f"{day} is not over yet in the emulated laboratory; choose an earlier day"
        raise ValueError(msg)
    captures = DayCaptures(machine_of(options), options.captures_into)
    if captures.write_day(day):
        return f"{captures.day_file(day)}: written"
    return f"{captures.day_file(day)}: it is there already and stays as it is"


def _options(arguments: argparse.Namespace) -> EmulatorOptions:
    return EmulatorOptions(
        port=arguments.port,
        seed=arguments.seed,
        now=arguments.now,
        speed=arguments.speed,
        cache=arguments.cache,
        retention=arguments.retention,
        faults=tuple(arguments.fault),
        supercycle_ticks=arguments.supercycle_ticks,
        late_front_ends=tuple(arguments.late_front_end),
        latency=arguments.latency,
        stamp_decimals=arguments.stamp_decimals,
        verbose=arguments.verbose,
        captures_into=arguments.captures_into,
    )


def _folder(text: str) -> Path:
    """A shell leaves ``~`` alone in ``--cache=~/emulator``."""
    return Path(text).expanduser()


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=ACCELERATOR_ZONE)


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        msg = f"must be a positive number, got {text}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        msg = f"must be a number of seconds from 0 on, got {text}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame  # any signal that is caught here means the same
    raise SystemExit(0)
