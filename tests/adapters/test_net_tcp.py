"""TCP round trips, as the system's network has them."""

import asyncio
import time

import pytest

from monitor.adapters.http.names import Resolve
from monitor.adapters.net.system import SystemNet
from monitor.domain.answer import NoAnswer
from tests.servers.addresses import leads_to, silent, unknown
from tests.servers.manners import black_hole, free_port, hangs, serving


async def failure_of(
    host: str,
    port: int,
    *,
    within: float = 1.0,
    resolve: Resolve | None = None,
) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await SystemNet(resolve=resolve).tcp(host, port, within=within)
    assert str(caught.value).startswith("cannot reach ")
    return caught.value


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_server_that_listens_has_a_round_trip(host: str) -> None:
    async with serving(hangs(), host=host, speaks_first=True) as served:
        seconds = await SystemNet().tcp(host, served.port, within=1.0)

    assert 0 < seconds < 1


async def test_the_connection_does_not_stay_open() -> None:
    async with serving(hangs(), speaks_first=True) as served:
        await SystemNet().tcp("127.0.0.1", served.port, within=1.0)
        async with asyncio.timeout(5):
            await served.gone.wait()

    assert served.gone.is_set()


async def test_a_name_is_resolved_before_the_clock_starts() -> None:
    async with serving(hangs(), speaks_first=True) as served:
        net = SystemNet(resolve=leads_to("127.0.0.1"))
        seconds = await net.tcp("gpu1.example", served.port, within=1.0)

    assert 0 < seconds < 1


async def test_a_closed_port_refuses() -> None:
    error = await failure_of("127.0.0.1", port := free_port())

    assert error.reason == "refused"
    assert f"127.0.0.1:{port}" in str(error)


async def test_an_ipv6_address_is_named_in_brackets() -> None:
    error = await failure_of("::1", port := free_port("::1"))

    assert f"[::1]:{port}" in str(error)


async def test_a_port_that_drops_everything_times_out_in_time() -> None:
    begun = time.monotonic()
    with black_hole() as port:
        error = await failure_of("127.0.0.1", port, within=0.3)

    assert error.reason == "timeout"
    assert time.monotonic() - begun < 10


async def test_an_unknown_name_is_not_resolved() -> None:
    error = await failure_of("gpu1.example", 9002, resolve=unknown)

    assert error.reason == "resolve"


async def test_a_silent_name_server_ends_in_time() -> None:
    error = await failure_of("gpu1.example", 9002, within=0.2, resolve=silent)

    assert error.reason == "resolve"


async def test_a_name_without_an_address_is_not_resolved() -> None:
    error = await failure_of("gpu1.example", 9002, resolve=leads_to())

    assert error.reason == "resolve"
