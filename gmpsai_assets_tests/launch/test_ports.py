"""Ports: the wanted one, or the next that is free."""

import socket

import pytest

from gmpsai_assets.launch import ports
from gmpsai_assets.launch.ports import free_port


def test_a_taken_port_gives_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        found = free_port(number)
        assert number < found < number + 50
    assert free_port(number) == number


def test_no_free_port_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_TRIES", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="all taken"):
            free_port(taken.getsockname()[1])
