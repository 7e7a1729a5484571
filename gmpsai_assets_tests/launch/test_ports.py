"""Ports: the wanted one, or the next that is free, held until it is given away."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from gmpsai_assets import settings
from gmpsai_assets.launch import addresses
from gmpsai_assets.launch.addresses import Addresses, choose_addresses, hold_port

ROLES = ("ui", "site", "emulator")


@contextmanager
def _listening(port: int = 0) -> Iterator[int]:
    """Somebody else's server, which reuses addresses as all servers do."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield taken.getsockname()[1]


def _neighbours(count: int) -> int:
    """The first of ``count`` neighbouring ports that are free now."""
    for first in range(20_000, 30_000, 61):
        with ExitStack() as stack:
            try:
                for port in range(first, first + 4 * count):
                    stack.enter_context(_listening(port))
            except OSError:
                continue
            return first
    pytest.fail("no neighbouring ports are free")


def _numbers(chosen: Addresses) -> tuple[int, ...]:
    held = [port for port in (chosen.ui, chosen.site, chosen.emulator) if port]
    for port in held:
        port.release()
    return tuple(port.number for port in held)


def test_a_taken_port_gives_the_next_one() -> None:
    with _listening() as number:
        found = hold_port(number)
        assert number < found.number < number + 50
        found.release()
    wanted = hold_port(number)
    assert wanted.number == number
    wanted.release()


def test_a_held_port_is_kept_from_every_other_server_until_it_is_released() -> None:
    held = hold_port(0)
    with pytest.raises(OSError, match="in use"), _listening(held.number):
        pytest.fail("the port was taken from under its holder")
    held.release()
    with _listening(held.number) as number:
        assert number == held.number


@pytest.mark.parametrize("limit", [1, 50])
def test_no_free_port_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(addresses, "_TRIES", limit)
    with pytest.raises(OSError, match="all taken"), ExitStack() as stack:
        first = 65_536 if limit == 50 else stack.enter_context(_listening())
        hold_port(first)


@pytest.mark.parametrize(
    "taken", [each for size in range(4) for each in itertools.combinations(ROLES, size)], ids=str
)
def test_ports_are_chosen_together_whichever_are_taken(
    taken: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GMPSAI_ACL_URL", raising=False)
    first = _neighbours(3)
    # As by default: the emulator's port stands right before the site's, where two searches meet.
    wanted = {"ui": first + 8, "emulator": first, "site": first + 1}
    with ExitStack() as stack:
        for role in taken:
            stack.enter_context(_listening(wanted[role]))
        chosen = _numbers(choose_addresses(**wanted))
    assert len(set(chosen)) == 3
    assert not set(chosen) & {wanted[role] for role in taken}
    for role, number in zip(ROLES, chosen, strict=True):
        assert number >= wanted[role]
        if not taken:
            assert number == wanted[role]


def test_two_platforms_that_choose_at_the_same_time_share_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GMPSAI_ACL_URL", raising=False)
    first = _neighbours(3)
    one, other = (choose_addresses(first, first + 1, first + 2) for _ in range(2))
    assert not set(_numbers(one)) & set(_numbers(other))


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_acl_url_means_an_emulator_of_our_own(
    text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is None:
        monkeypatch.delenv("GMPSAI_ACL_URL", raising=False)
    else:
        monkeypatch.setenv("GMPSAI_ACL_URL", text)
    chosen = choose_addresses(0, 0, 0)
    assert chosen.emulator is not None
    assert chosen.acl_url == settings.emulator_url(chosen.emulator.number)
    assert len(_numbers(chosen)) == 3


def test_a_named_service_is_asked_and_no_emulator_gets_a_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GMPSAI_ACL_URL", "http://127.0.0.1:1/acl.pl")
    chosen = choose_addresses(0, 0, 0)
    assert chosen.emulator is None
    assert chosen.acl_url == "http://127.0.0.1:1/acl.pl"
    assert len(_numbers(chosen)) == 2
