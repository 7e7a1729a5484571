"""The command ``gmpsai timeline-logger``: its arguments, and its life until a signal ends it."""

import argparse
import logging
import sys
import time
from datetime import UTC, datetime
from functools import partial

from gmpsai_assets import settings
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import to_microseconds
from gmpsai_assets.lake.source import (
    AnotherSourceError,
    SourceFileError,
    refuse_another_source,
    remember_source,
)
from gmpsai_assets.timeline.capture_files import AnotherLoggerError, CaptureFiles
from gmpsai_assets.timeline.clock import Clock, StopRequested, StopSwitch
from gmpsai_assets.timeline.heartbeat import Heart, tell_service_manager
from gmpsai_assets.timeline.logger import TimelineLogger
from gmpsai_assets.timeline.source import AclTimelineSource

_LARGEST_REPLY = 8 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Captures start, length and timeline of every supercycle into $GMPSAI_DATA_DIR/timeline_captures, from "
        "$GMPSAI_ACL_URL, until SIGTERM. Stamps are those of this machine's clock: keep it on NTP."
    )
    add = parser.add_argument
    add(
        "--timeout",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="seconds without a byte that end a request (default: %(default)s)",
    )
    add(
        "--owner", default="", help="who restarts this process when it ends; shown in the heartbeat"
    )
    add("--speed", type=float, default=1.0, help="simulated seconds per real second")
    add(
        "--same-time-at",
        type=_instant,
        metavar="ISO",
        help="with --speed: when the simulated clock shows the real time; default: now",
    )


def run(arguments: argparse.Namespace) -> int:
    """Log until a signal comes; 0 then, 2 if it cannot begin."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s", stream=sys.stderr
    )
    stop = StopSwitch()
    stop.listen()
    try:
        files = CaptureFiles(settings.data_directory())
        with files.only_writer():
            heart = Heart(files.heartbeat, arguments.owner)
            try:
                _log(arguments, files, stop, heart)
            except Exception as error:
                heart.fail(f"it cannot begin: {error}")
                raise
    except StopRequested:
        pass
    except (AnotherLoggerError, AnotherSourceError, SourceFileError, OSError, ValueError) as error:
        print(f"gmpsai timeline-logger: {error}", file=sys.stderr)
        return 2
    logging.info("stopped")
    return 0


def _log(
    arguments: argparse.Namespace, files: CaptureFiles, stop: StopSwitch, heart: Heart
) -> None:
    origin = arguments.same_time_at or datetime.now(UTC)
    clock = Clock(stop, arguments.speed, to_microseconds(origin))
    timeout = arguments.timeout
    with AclClient(
        settings.acl_url(),
        connect_timeout=min(5.0, timeout),
        read_timeout=timeout,
        total_timeout=2 * timeout,
        max_reply_bytes=_LARGEST_REPLY,
        max_connections=1,
        # No shared slots: a supercycle that is not read while it plays is lost, and must not wait for a pull.
        shared_slots=None,
    ) as client:
        refuse_another_source(files.data_directory, client.url)
        logging.info("reading the timeline from %s into %s", client.url, files.folder)
        heart.beat()
        tell_service_manager("READY=1")
        source = AclTimelineSource(client, clock.now, stop, heart.beat)
        claim = partial(remember_source, files.data_directory, client.url)
        TimelineLogger(source, files, clock, heart, claim=claim).run()


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
