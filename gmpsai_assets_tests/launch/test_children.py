"""Children live and die together."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from gmpsai_assets.launch.children import ChildDiedError, Children

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
