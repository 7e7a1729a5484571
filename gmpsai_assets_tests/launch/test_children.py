"""Children live and die together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from gmpsai_assets.launch.children import ChildDiedError, Children
from gmpsai_assets_tests.waiting import first_line

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
WITH_GRANDCHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(p.pid, flush=True); time.sleep(60)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', flush=True); time.sleep(60)",
]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def _text(path: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if text := path.read_text():
            return text
        time.sleep(0.02)
    pytest.fail(f"{path} stayed empty")


def test_ending_the_block_ends_children_and_grandchildren(tmp_path: Path) -> None:
    with Children(tmp_path, {}) as children:
        child = children.start("parent", WITH_GRANDCHILD)
        grandchild = int(_text(child.log))
        assert _alive(grandchild)
    assert not _alive(child.process.pid)
    deadline = time.monotonic() + 5
    while _alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(grandchild)


def test_children_of_a_parent_that_is_killed_end_as_well(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from gmpsai_assets.launch.children import Children\n"
        "with Children(Path(sys.argv[1]), {}) as children:\n"
        "    print(children.start('child', sys.argv[2:]).process.pid, flush=True)\n"
        "    time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), *SLEEP], stdout=subprocess.PIPE, text=True
    )
    child = int(first_line(parent))
    assert _alive(child)
    parent.kill()
    parent.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)


def test_a_child_that_ignores_the_polite_signal_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gmpsai_assets.launch.children.GRACE_SECONDS", 0.2)
    with Children(tmp_path, {}) as children:
        child = children.start("stubborn", STUBBORN)
        assert "ready" in _text(child.log)
    assert child.exit_code == -signal.SIGKILL


def test_a_dead_child_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Children(tmp_path, {}) as children:
        children.start("sleeper", SLEEP)
        doomed = children.start(
            "doomed", [sys.executable, "-c", "print('why'); raise SystemExit(3)"]
        )
        doomed.process.wait(timeout=10)
        children.check(doomed)
        with pytest.raises(ChildDiedError, match=r"the doomed ended with code 3.*\n.*why"):
            children.check()


def test_children_see_the_environment_they_are_given(tmp_path: Path) -> None:
    code = "import os; print(os.environ['GMPSAI_ACL_URL'])"
    with Children(tmp_path, {"GMPSAI_ACL_URL": "http://127.0.0.1:1/acl"}) as children:
        child = children.start("reader", [sys.executable, "-c", code])
        assert child.process.wait(timeout=10) == 0
        assert child.last_lines() == "    http://127.0.0.1:1/acl"


def test_a_kept_child_is_started_again_when_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gmpsai_assets.launch.children.SHORTEST_REST_SECONDS", 0.05)
    with Children(tmp_path, {}) as children:
        kept = children.keep("logger", STUBBORN)
        other = children.start("other", SLEEP)
        for lives in range(1, 4):
            deadline = time.monotonic() + 10
            while len((tmp_path / "logger.log").read_text().splitlines()) < lives:
                assert time.monotonic() < deadline
                children.check()
                time.sleep(0.02)
            if lives < 3:
                kept.child.process.kill()
        assert _alive(kept.child.process.pid)
        assert other.exit_code is None
        monkeypatch.setattr("gmpsai_assets.launch.children.GRACE_SECONDS", 0.1)
    assert not _alive(kept.child.process.pid)
    assert "the logger ended with code -9; it is started again" in capsys.readouterr().err


def test_a_kept_child_that_dies_young_rests_longer_and_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gmpsai_assets.launch.children.SHORTEST_REST_SECONDS", 0.2)
    monkeypatch.setattr("gmpsai_assets.launch.children.LONGEST_REST_SECONDS", 0.5)
    with Children(tmp_path, {}) as children:
        kept = children.keep("doomed", [sys.executable, "-c", "print('born', flush=True)"])
        rests = [kept.rest]
        deadline = time.monotonic() + 10
        while len(rests) < 3 and time.monotonic() < deadline:
            children.check()
            if kept.rest != rests[-1]:
                rests.append(kept.rest)
            time.sleep(0.02)
    assert rests == [0.2, 0.4, 0.5]


class _Told(Exception):
    """The signal of the test has come."""


def test_a_signal_in_the_moment_of_a_start_leaves_no_orphan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    popen = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = popen(*arguments, **options)
        started.append(process.pid)
        os.kill(os.getpid(), signal.SIGTERM)
        return process

    def tell(_number: int, _frame: FrameType | None) -> None:
        raise _Told

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.signal(signal.SIGTERM, tell)
    try:
        with pytest.raises(_Told), Children(tmp_path, {}) as children:
            children.start("sleeper", SLEEP)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(started) == 1
    assert not _alive(started[0])


def test_a_child_hears_the_signals_that_wait_while_it_is_started(tmp_path: Path) -> None:
    with Children(tmp_path, {}) as children:
        child = children.start("sleeper", SLEEP)
    assert child.exit_code == -signal.SIGTERM
