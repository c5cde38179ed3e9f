import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.dial import Lifeline, dial
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach

WHERE = "host 'gpu1'"


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family) as sock:
        try:
            sock.bind((request.param, 0))
        except OSError:
            pytest.skip(f"{request.param} is not there")
        sock.listen()
        yield sock


def _hop(listener: socket.socket) -> SshSettings:
    address, port, *_ = listener.getsockname()
    return SshSettings(
        address=address,
        port=port,
        user="ffmon",
        key_file=Path("key"),
        known_hosts_file=Path("known_hosts"),
    )


def test_a_connection_sends_at_once(listener: socket.socket) -> None:
    with dial(_hop(listener), WHERE, Deadline(5), Lifeline()) as sock:
        nodelay = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        lost = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert nodelay
    assert lost == 20_000


def test_a_name_with_two_addresses_is_tried_at_both(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    hop = replace(_hop(listener), address="gpu1.example")
    there = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", hop.port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", hop.port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)

    with dial(hop, WHERE, Deadline(5), Lifeline()) as sock:
        assert sock.getpeername()[1] == hop.port


def test_a_refusal_says_what_to_check(listener: socket.socket) -> None:
    hop = _hop(listener)
    listener.close()

    with pytest.raises(CannotReach, match="check that sshd runs") as caught:
        dial(hop, WHERE, Deadline(5), Lifeline())

    assert caught.value.reason == "refused"


def test_an_address_that_cannot_be_reached_is_named(
    listener: socket.socket,
) -> None:
    hop = replace(_hop(listener), address="127.0.0.1", port=0)

    with pytest.raises(CannotReach) as caught:
        dial(hop, WHERE, Deadline(5), Lifeline())

    assert caught.value.reason in {"refused", "unreachable"}


@pytest.mark.parametrize("name", ["nowhere.invalid", "a..b", "x" * 300])
def test_a_name_that_leads_nowhere_is_named(
    listener: socket.socket, name: str
) -> None:
    hop = replace(_hop(listener), address=name)

    with pytest.raises(CannotReach, match="name is not known") as caught:
        dial(hop, WHERE, Deadline(5), Lifeline())

    assert caught.value.reason == "resolve"


def test_a_cut_wakes_whoever_waits_on_the_connection(
    listener: socket.socket,
) -> None:
    lifeline = Lifeline()
    sock = dial(_hop(listener), WHERE, Deadline(5), lifeline)
    sock.settimeout(None)
    heard: list[bytes] = []
    waiting = threading.Thread(target=lambda: heard.append(sock.recv(1)))
    waiting.start()

    lifeline.cut()

    waiting.join(5)
    assert heard == [b""]
    sock.close()


def test_nothing_is_dialled_any_more_after_a_cut(
    listener: socket.socket,
) -> None:
    lifeline = Lifeline()
    lifeline.cut()

    with pytest.raises(CannotReach) as caught:
        dial(_hop(listener), WHERE, Deadline(5), lifeline)

    assert caught.value.reason == "timeout"


def test_no_time_left_is_a_timeout(listener: socket.socket) -> None:
    with pytest.raises(TimeoutError):
        dial(_hop(listener), WHERE, Deadline(0), Lifeline())
