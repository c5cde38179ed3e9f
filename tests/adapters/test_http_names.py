"""How names become connections."""

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.dial import MAX_ADDRESSES, connect
from monitor.adapters.http.names import Address, Resolve, SystemNames
from monitor.domain.answer import Answer, NoAnswer
from tests.servers.addresses import leads_to, silent, unknown
from tests.servers.manners import (
    answers,
    black_hole,
    free_port,
    hangs,
    serving,
)

HERE: Sequence[Address] = [(socket.AF_INET, ("127.0.0.1", 80))]


async def get(resolve: Resolve, port: int, *, within: float = 5) -> Answer:
    client = HttpClient(resolve=resolve)
    url = f"http://gpu1.example:{port}/"
    return await client.get(url, within=within, limit=1000)


async def test_an_unknown_name_says_so() -> None:
    with pytest.raises(NoAnswer) as caught:
        await get(unknown, 9002)

    assert caught.value.reason == "resolve"
    assert caught.value.phases.resolve is None
    assert str(caught.value) == (
        "cannot reach http://gpu1.example:9002/: the name of the host is "
        "unknown (name or service not known); check the name, or use the "
        "address; check DNS on this machine"
    )


async def test_a_silent_name_server_is_not_waited_for_any_longer() -> None:
    with pytest.raises(NoAnswer) as caught:
        await get(silent, 9002, within=0.1)

    assert caught.value.reason == "resolve"
    assert "not resolved within 0.1 s" in str(caught.value)


async def test_a_name_without_an_address_says_so() -> None:
    with pytest.raises(NoAnswer) as caught:
        await get(leads_to(), 9002)

    assert caught.value.reason == "resolve"


@pytest.mark.parametrize("name", ["a" * 64, "a..b", "ä" * 70 + ".example"])
async def test_a_name_that_no_dns_allows_is_refused(name: str) -> None:
    client = HttpClient(resolve=SystemNames(_encodes))

    with pytest.raises(NoAnswer) as caught:
        await client.get(f"http://{name}/", within=5, limit=1000)

    assert caught.value.reason in {"resolve", "failed"}


@pytest.mark.parametrize("name", [".example", "a..b", "a" * 300])
async def test_a_name_that_no_certificate_has_is_refused(name: str) -> None:
    client = HttpClient(resolve=leads_to("127.0.0.1"))
    async with serving(hangs(), speaks_first=True) as served:
        with pytest.raises(NoAnswer) as caught:
            await client.get(
                f"https://{name}:{served.port}/", within=5, limit=1000
            )

    assert caught.value.reason in {"resolve", "failed", "tls"}


def _encodes(host: str, _: int) -> Sequence[Address]:
    """Do what getaddrinfo does first, without its question to DNS."""
    host.encode("idna")
    return []


async def test_the_second_address_is_tried_when_the_first_refuses() -> None:
    async with serving(answers()) as served:
        answer = await get(leads_to("::1", "127.0.0.1"), served.port)

    assert answer.code == 200


async def test_only_the_first_addresses_are_tried() -> None:
    many = ["::1"] * MAX_ADDRESSES
    async with serving(answers()) as served:
        with pytest.raises(NoAnswer) as caught:
            await get(leads_to(*many, "127.0.0.1"), served.port)

    assert caught.value.reason == "refused"


async def test_a_silent_address_leaves_time_for_the_next() -> None:
    async with serving(answers()) as served:
        with black_hole("::1", served.port):
            addresses = leads_to("::1", "127.0.0.1")
            answer = await get(addresses, served.port, within=0.8)

    assert answer.code == 200
    assert answer.phases.connect is not None
    assert 0.35 < answer.phases.connect < 0.8


async def test_the_last_address_s_error_is_the_error() -> None:
    with pytest.raises(NoAnswer) as caught:
        await get(leads_to("::1", "127.0.0.1"), free_port())

    assert caught.value.reason == "refused"


async def test_small_pieces_are_sent_at_once() -> None:
    async with serving(answers()) as served:
        with await connect((socket.AF_INET, ("127.0.0.1", served.port))) as s:
            at_once = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert at_once


async def test_a_name_of_this_machine_is_resolved() -> None:
    async with serving(answers()) as served:
        url = f"http://localhost:{served.port}/"
        answer = await HttpClient().get(url, within=5, limit=1000)

    assert answer.code == 200
    assert answer.phases.resolve is not None


class SlowNames:
    """A name server that answers when it is told to."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.asked = 0
        self.may_answer = threading.Event()

    def __call__(self, _: str, __: int) -> Sequence[Address]:
        self.asked += 1
        self.may_answer.wait(10)
        if self.error:
            raise self.error
        return HERE


async def test_a_name_is_looked_up_once_for_all_who_wait() -> None:
    slow = SlowNames()
    names = SystemNames(slow)
    waiting = [asyncio.create_task(names("a", 80)) for _ in range(3)]
    await asyncio.sleep(0)

    slow.may_answer.set()

    assert await asyncio.gather(*waiting) == [HERE] * 3
    assert slow.asked == 1


async def test_a_name_is_looked_up_again_the_next_time() -> None:
    slow = SlowNames()
    slow.may_answer.set()
    names = SystemNames(slow)

    await names("a", 80)
    await names("a", 80)

    assert slow.asked == 2


async def test_who_gives_up_takes_the_look_up_from_nobody() -> None:
    harm: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: harm.append(context))
    slow = SlowNames()
    names = SystemNames(slow)
    patient = asyncio.create_task(names("a", 80))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await names("a", 80)

    slow.may_answer.set()

    assert await patient == HERE
    assert harm == []


async def test_an_unknown_name_is_told_to_all_who_wait() -> None:
    slow = SlowNames(socket.gaierror(socket.EAI_NONAME, "unknown"))
    names = SystemNames(slow)
    waiting = [asyncio.create_task(names("a", 80)) for _ in range(2)]
    await asyncio.sleep(0)

    slow.may_answer.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(error) for error in told] == [socket.gaierror] * 2


def test_an_answer_after_the_end_of_the_loop_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = SlowNames()
    names = SystemNames(slow)

    async def leave_early() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await names("a", 80)

    asyncio.run(leave_early())
    slow.may_answer.set()

    assert asyncio.run(names("b", 80)) == HERE
    assert caplog.records == []
