"""Running a command and measuring it: wall time, processor time and peak memory."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        seconds: wall time.
        processor_seconds: user and system time of the process and its children.
        peak_megabytes: largest resident size of the process (10^6 bytes).
        output: what it printed.
    """

    seconds: float
    processor_seconds: float
    peak_megabytes: float
    output: str


def measure(arguments: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run ``python`` with arguments to its end.

    Raises:
        RuntimeError: if it fails; with the end of its output.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        msg = f"{' '.join(arguments)} failed:\n{output[-3000:]}"
        raise RuntimeError(msg)
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, output)


@contextmanager
def service(module: str, *arguments: str) -> Iterator[str]:
    """A service in a process of its own, ended after the block; the address that it prints first."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
