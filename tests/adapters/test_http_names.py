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


class DeadZone:
    """Answers at once, but for the names of one zone: never."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def __call__(self, host: str, _: int) -> Sequence[Address]:
        self.asked.append(host)
        if host.endswith(".dead"):
            self.may_answer.wait(20)
        return HERE


async def hang_on(names: SystemNames, hosts: Sequence[str]) -> None:
    """Ask for names that are not answered, and give up."""
    waiting = [asyncio.create_task(names(host, 80)) for host in hosts]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_dead_zone_leaves_the_names_alone_that_are_answered() -> None:
    zone = DeadZone()
    names = SystemNames(zone, at_once=8)
    await names("gpu1.alive", 80)

    await hang_on(names, [f"gpu{n}.dead" for n in range(20)])
    async with asyncio.timeout(5):
        found = await names("gpu1.alive", 80)
    zone.may_answer.set()

    assert found == HERE
    assert sum(host.endswith(".dead") for host in zone.asked) == 6


async def test_a_name_for_which_there_is_no_thread_says_so() -> None:
    zone = DeadZone()
    names = SystemNames(zone, at_once=8)
    await hang_on(names, [f"gpu{n}.dead" for n in range(6)])

    with pytest.raises(NoAnswer) as caught:
        await HttpClient(resolve=names).get(
            "http://new.alive/", within=5, limit=1000
        )
    zone.may_answer.set()

    assert caught.value.reason == "resolve"
    assert "too many other names wait for DNS" in str(caught.value)


async def test_a_dead_name_is_asked_for_once_however_many_wait() -> None:
    zone = DeadZone()
    names = SystemNames(zone)

    for _ in range(5):
        await hang_on(names, ["gpu1.dead"])
    zone.may_answer.set()

    assert zone.asked == ["gpu1.dead"]


async def test_even_proven_names_have_a_bound() -> None:
    zone = DeadZone()
    zone.may_answer.set()
    names = SystemNames(zone, at_once=4)
    hosts = [f"gpu{n}.dead" for n in range(5)]
    for host in hosts:
        await names(host, 80)
    zone.may_answer.clear()

    await hang_on(names, hosts[:4])
    with pytest.raises(socket.gaierror):
        await names(hosts[4], 80)
    zone.may_answer.set()


async def test_a_name_that_was_late_is_no_longer_sure_of_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zone = DeadZone()
    names = SystemNames(zone, at_once=4)
    await names("late.alive", 80)
    monkeypatch.setattr("monitor.adapters.http.names.PROMPT", -1.0)
    await names("late.alive", 80)

    await hang_on(names, [f"gpu{n}.dead" for n in range(3)])
    with pytest.raises(socket.gaierror):
        await names("late.alive", 80)
    zone.may_answer.set()


async def test_what_we_know_of_names_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.adapters.http.names.REMEMBERED", 2)
    zone = DeadZone()
    names = SystemNames(zone, at_once=4)
    for host in ("a", "b", "c"):
        await names(host, 80)

    await hang_on(names, [f"gpu{n}.dead" for n in range(3)])
    with pytest.raises(socket.gaierror):
        await names("a", 80)

    assert await names("c", 80) == HERE
    zone.may_answer.set()
