"""Which process is meant by a number: a later one may get the number of one that has ended.

A module of its own, since the heartbeat of a logger and the source of a lake both record one.
"""

from pathlib import Path


def process_started(process: int) -> str:
    """What distinguishes a process from a later one of the same number (Linux); empty if there is no such process."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return f"{boot} {stat.rpartition(')')[2].split()[19]}"
