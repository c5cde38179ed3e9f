"""Pings on loopback, where this process may send any."""

import os
import socket
import time

import icmplib
import pytest

from monitor.adapters.net import ping as icmp
from monitor.adapters.net.system import SystemNet
from monitor.domain.answer import NoAnswer
from monitor.domain.errors import CannotReach
from monitor.domain.network import Pinged
from tests.servers.addresses import leads_to, silent, unknown


def _may_ping() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except PermissionError:
            continue
        return True
    return False


@pytest.fixture
def may_ping() -> None:
    if _may_ping():
        return
    text = "this process may send no ICMP; root may"
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


@pytest.mark.usefixtures("may_ping")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_loopback_answers_every_ping(host: str) -> None:
    pinged = await SystemNet().ping(host, count=3, within=2.0)

    assert pinged.round_trip is not None
    assert 0 <= pinged.round_trip < 1
    assert pinged.loss == 0


@pytest.mark.usefixtures("may_ping")
async def test_a_name_is_pinged_at_its_first_address() -> None:
    net = SystemNet(resolve=leads_to("127.0.0.1", "192.0.2.1"))

    pinged = await net.ping("gpu1.example", count=1, within=2.0)

    assert pinged.loss == 0


async def test_an_unknown_name_cannot_be_pinged() -> None:
    with pytest.raises(NoAnswer) as caught:
        await SystemNet(resolve=unknown).ping("x.example", count=1, within=1)

    assert caught.value.reason == "resolve"


async def test_a_name_without_an_address_cannot_be_pinged() -> None:
    net = SystemNet(resolve=leads_to())

    with pytest.raises(NoAnswer) as caught:
        await net.ping("x.example", count=1, within=1)

    assert caught.value.reason == "resolve"


async def test_a_silent_name_server_ends_in_time() -> None:
    begun = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        await SystemNet(resolve=silent).ping("x.example", count=1, within=0.2)

    assert caught.value.reason == "resolve"
    assert time.monotonic() - begun < 10


class Echo:
    """An ICMP library whose sockets may be forbidden or broken."""

    def __init__(self, *outcomes: icmplib.Host | Exception) -> None:
        self.outcomes = list(outcomes)
        self.privileged: list[bool] = []

    async def __call__(
        self, _: str, *, privileged: bool, **__: object
    ) -> icmplib.Host:
        self.privileged.append(privileged)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def heard(sent: int, *milliseconds: float) -> icmplib.Host:
    return icmplib.Host("127.0.0.1", sent, list(milliseconds))


FORBIDDEN = icmplib.SocketPermissionError(privileged=False)


async def test_an_unprivileged_socket_is_enough() -> None:
    echo = Echo(heard(3, 1.0, 2.0, 3.0))

    pinged = await icmp.ping("127.0.0.1", count=3, within=1.0, echo=echo)

    assert pinged == Pinged(round_trip=0.002, loss=0.0)
    assert echo.privileged == [False]


async def test_a_raw_socket_is_the_second_choice() -> None:
    echo = Echo(FORBIDDEN, heard(2, 1.0))

    pinged = await icmp.ping("127.0.0.1", count=2, within=1.0, echo=echo)

    assert pinged == Pinged(round_trip=0.001, loss=0.5)
    assert echo.privileged == [False, True]


async def test_where_no_ping_may_be_sent_that_is_said() -> None:
    with pytest.raises(CannotReach) as caught:
        await icmp.ping(
            "127.0.0.1", count=3, within=1.0, echo=Echo(FORBIDDEN, FORBIDDEN)
        )

    assert caught.value.reason == "forbidden"
    assert "CAP_NET_RAW" in str(caught.value)


async def test_a_machine_without_sockets_is_our_own_fault() -> None:
    echo = Echo(icmplib.ICMPSocketError("Too many open files"))

    with pytest.raises(CannotReach) as caught:
        await icmp.ping("127.0.0.1", count=3, within=1.0, echo=echo)

    assert caught.value.reason == "failed"
    assert "Too many open files" in str(caught.value)


async def test_what_could_not_be_sent_is_lost_too() -> None:
    echo = Echo(heard(1, 1.0))

    pinged = await icmp.ping("127.0.0.1", count=4, within=1.0, echo=echo)

    assert pinged.loss == 0.75


async def test_a_clock_set_back_makes_no_negative_round_trip() -> None:
    echo = Echo(heard(1, -3_600_000.0))

    pinged = await icmp.ping("127.0.0.1", count=1, within=1.0, echo=echo)

    assert pinged.round_trip == 0.0


@pytest.mark.usefixtures("may_ping")
async def test_an_address_without_a_way_to_it_loses_everything() -> None:
    begun = time.monotonic()

    pinged = await icmp.ping("240.0.0.1", count=2, within=0.3)

    assert pinged == Pinged(round_trip=None, loss=1.0)
    assert time.monotonic() - begun < 10
