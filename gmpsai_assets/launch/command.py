"""The command ``gmpsai run``: emulator, Dagster, plot site and a first day, on loopback, until Ctrl-C or SIGTERM.

What the processes do belongs to them; how they live and die together, to ``children``.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import requests

import gmpsai_assets
from gmpsai_assets import settings
from gmpsai_assets.acnet.addresses import without_secrets
from gmpsai_assets.acnet.clock import newest_complete_day
from gmpsai_assets.launch.addresses import choose_addresses
from gmpsai_assets.launch.children import Child, ChildDiedError, Children
from gmpsai_assets.launch.display import ProgressDisplay
from gmpsai_assets.launch.home import dagster_home, only_platform, prepare_home
from gmpsai_assets.launch.source import claim_source, emulator_cache
from gmpsai_assets.timeline.capture_files import CaptureFiles
from gmpsai_assets.timeline.heartbeat import PLATFORM, is_hung, read_heartbeat

_START_SECONDS = 120.0
_POLL_SECONDS = 0.25


class _Stopped(Exception):
    """The user or the system asked the platform to end."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--day", help="day to materialise, YYYY-MM-DD; default: the newest complete day"
    )
    parser.add_argument(
        "--ui-port", type=int, default=settings.UI_PORT, help="wanted port of the Dagster UI"
    )
    parser.add_argument(
        "--site-port", type=int, default=settings.SITE_PORT, help="wanted port of the plot site"
    )
    parser.add_argument(
        "--emulator-port",
        type=int,
        default=settings.EMULATOR_PORT,
        help="wanted port of the emulator",
    )


def run(arguments: argparse.Namespace) -> int:
    """Start everything, materialise the day, and wait for Ctrl-C or SIGTERM. Returns the exit code."""
    try:
        day = _day(arguments.day)
        with _stoppable(), only_platform(dagster_home(settings.data_directory())):
            return Platform(arguments, day).run()
    except _Stopped:
        print("\nEverything is stopped.")
        return 0
    except (ValueError, OSError, RuntimeError) as error:
        print(f"gmpsai run: {error}", file=sys.stderr)
        return 1


class Platform:
    """The processes of one machine's platform, and what the terminal shows of them."""

    def __init__(self, arguments: argparse.Namespace, day: str) -> None:
        self._day = day
        self._data = settings.data_directory()
        self._home = dagster_home(self._data)
        self._addresses = choose_addresses(
            arguments.ui_port, arguments.site_port, arguments.emulator_port
        )

    def run(self) -> int:
        """Start all, materialise the day, then watch; returns only when a child has died."""
        try:
            claim_source(self._data, self._addresses)
            prepare_home(self._home)
            return self._run_children()
        finally:
            self._addresses.release()

    def _run_children(self) -> int:
        environment = {
            "GMPSAI_ACL_URL": self._addresses.acl_url,
            # What is relative is so to this folder, in whichever the processes look.
            "GMPSAI_DATA_DIR": str(self._data),
            "GMPSAI_PARAMETER_LISTS": str(settings.parameter_lists_directory()),
            "GMPSAI_SITE_DIR": str(settings.site_directory()),
            "GMPSAI_TAPE": settings.tape_path(),
            "DAGSTER_HOME": str(self._home),
        }
        try:
            with Children(self._data / "logs", environment) as children:
                self._start_services(children)
                worker = self._materialise(children)
                self._print_addresses()
                while True:
                    time.sleep(_POLL_SECONDS)
                    children.check(worker)
        except ChildDiedError as error:
            print(f"gmpsai run: {error}\nEverything else is stopped.", file=sys.stderr)
            return 1

    def _start_services(self, children: Children) -> None:
        """Start all that serves; each port is held until the moment its own process starts."""
        addresses = self._addresses
        if addresses.emulator:
            cache = str(emulator_cache(self._data))
            options = ["--port", str(addresses.emulator.number), "--cache", cache]
            # Its days before today had no logger; it writes what one would have captured of them.
            options += ["--captures-into", str(CaptureFiles(self._data).folder)]
            addresses.emulator.release()
            children.start("emulator", _gmpsai("emulator", *options))
        addresses.ui.release()
        children.start("webserver", _webserver(addresses.ui.number))
        directory = str(settings.site_directory())
        options = ["--directory", directory, "--port", str(addresses.site.number)]
        addresses.site.release()
        children.start("plot site", _gmpsai("site", *options))
        if addresses.emulator:
            wait_until_answering(addresses.acl_url + "?acl=read+G:SCTIME", children)
        keep_logger(children, _gmpsai("timeline-logger", "--owner", PLATFORM), self._data)

    def _materialise(self, children: Children) -> Child:
        """Run the day with its progress; returns the finished process, which needs no watching."""
        print(f"Materialising {self._day} of all assets unless it is there.", flush=True)
        begun = time.monotonic()
        command = [sys.executable, "-m", "gmpsai_assets.launch.day", self._day]
        worker = children.start("first day", command)
        display = ProgressDisplay(self._data / "drafts", self._day)
        while worker.exit_code is None:
            time.sleep(_POLL_SECONDS)
            children.check(worker)
            display.update()
        display.close()
        # Only now: the daemon's sensor would ask for the newest day too, and share the machine with it.
        daemon = [sys.executable, "-m", "dagster._daemon", "run", "-w", str(workspace_file())]
        children.start("daemon", daemon)
        if worker.exit_code:
            print(f"{self._day} could not be materialised; the end of {worker.log}:")
            print(worker.last_lines(), flush=True)
        else:
            print(f"{self._day} is there ({time.monotonic() - begun:.0f} s).", flush=True)
        wait_until_answering(
            f"http://127.0.0.1:{self._addresses.ui.number}/server_info", children, worker
        )
        return worker

    def _print_addresses(self) -> None:
        addresses = self._addresses
        print(
            f"\n  Dagster UI   http://127.0.0.1:{addresses.ui.number}/"
            f"\n  plot site    http://127.0.0.1:{addresses.site.number}/"
            f"\n  DataLogger   {without_secrets(addresses.acl_url)}{' (emulated)' if addresses.emulator else ''}"
            f"\n  data         {self._data}"
            f"\n  logs         {self._data / 'logs'}"
            "\n\nCtrl-C stops all of it.",
            flush=True,
        )


def keep_logger(children: Children, command: Sequence[str], data: Path) -> None:
    """Start the timeline logger and start it again whenever it ends; one that hangs is killed first.

    Args:
        children: it becomes one of them.
        command: what starts it.
        data: the data directory that it writes to, its heartbeat included.
    """
    heartbeat = CaptureFiles(data).heartbeat

    def hangs(process: int) -> bool:
        try:
            beat = read_heartbeat(heartbeat)
        except (OSError, ValueError):
            return False  # the sensor reports it
        return beat is not None and beat.process == process and is_hung(beat, datetime.now(UTC))

    children.keep("timeline logger", command, hangs)


def _day(text: str | None) -> str:
    now = datetime.now(UTC)
    if text is None:
        return newest_complete_day(now)
    settings.refuse_day_without_partition(text, now)
    return text


def _gmpsai(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gmpsai_assets.cli", *arguments]


def _webserver(port: int) -> list[str]:
    options = ["-w", str(workspace_file()), "-h", "127.0.0.1", "-p", str(port)]
    return [sys.executable, "-m", "dagster_webserver", *options]


def workspace_file() -> Path:
    """The file by which Dagster's programs find the package.

    Raises:
        FileNotFoundError: the package was installed without it.
    """
    path = Path(gmpsai_assets.__file__).parents[1] / "workspace.yaml"
    if not path.exists():
        msg = f"{path} is missing; `gmpsai run` works from a clone installed with pip install -e ."
        raise FileNotFoundError(msg)
    return path


def wait_until_answering(url: str, children: Children, *finished: Child) -> None:
    """Wait for a whole answer of whatever status, and watch the children meanwhile; no proxy is asked.

    Raises:
        ChildDiedError: a child that is not among the finished ones has ended.
        RuntimeError: no answer within two minutes.
    """
    deadline = time.monotonic() + _START_SECONDS
    with requests.Session() as session:
        session.trust_env = False  # this machine asks itself
        while time.monotonic() < deadline:
            children.check(*finished)
            try:
                session.get(url, timeout=5)
            except requests.RequestException:  # one slow answer, too, is no reason to stop all
                time.sleep(_POLL_SECONDS)
            else:
                return
    msg = f"nothing answers at {url} after {_START_SECONDS:.0f} s; see the logs"
    raise RuntimeError(msg)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Within the block Ctrl-C, SIGTERM and a closed terminal raise ``_Stopped``."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)  # stopping must not be interrupted
        raise _Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        signal.signal(number, stop)
    yield
