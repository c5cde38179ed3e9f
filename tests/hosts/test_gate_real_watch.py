"""What a gate tells unasked, and how we notice that it is silent."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import pytest

from monitor.adapters.gate import watching
from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.gates import WITHIN, failure, gate_on, seen
from tests.hosts.sshd import Sshd

EXITS = [{"name": "exits"}]
QUIET = [{"name": "quiet"}]
SILENT = [{"name": "silent"}]


@pytest.fixture
async def gate(host: SshHost, clock: FakeClock) -> AsyncIterator[RemoteGate]:
    async with gate_on(host, clock, is_odd=True) as opened:
        yield opened


async def _first(gate: RemoteGate) -> object:
    async with contextlib.aclosing(gate.watch(EXITS)) as events:
        return await anext(events)


async def _end(gate: RemoteGate, services: list[dict[str, str]]) -> str:
    async with contextlib.aclosing(gate.watch(services)) as events:
        with pytest.raises(CannotReach) as caught:
            await anext(events)
    return caught.value.reason


async def test_what_happens_is_told_without_the_signs_of_life(
    gate: RemoteGate,
) -> None:
    event = await _first(gate)

    assert event == {
        "v": 1,
        "event": "exit",
        "name": "exits",
        "pid": 7,
        "started_at": 1.0,
        "at": 2.0,
    }


async def test_a_gate_that_watches_still_answers(gate: RemoteGate) -> None:
    async with contextlib.aclosing(gate.watch(EXITS)) as events:
        await anext(events)

        assert await seen(gate, "echo")
        assert await anext(events)


async def test_a_watch_without_signs_of_life_ends(gate: RemoteGate) -> None:
    gate.alive = 0.1

    assert await _end(gate, SILENT) == "timeout"


async def test_signs_of_life_keep_a_watch(gate: RemoteGate) -> None:
    gate.alive = 0.1
    async with contextlib.aclosing(gate.watch(QUIET)) as events:
        waiting = asyncio.ensure_future(anext(events))

        await asyncio.wait({waiting}, timeout=0.6)

        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting})


async def test_a_killed_connection_ends_a_watch_and_the_next_begins(
    gate: RemoteGate, server: Sshd, clock: FakeClock
) -> None:
    ended = asyncio.create_task(_end(gate, QUIET))
    await seen(gate, "echo")

    server.kill_sessions()

    assert await ended == "closed"
    clock.pass_time(2)
    assert await _first(gate)


async def test_a_gate_that_is_killed_ends_a_watch(gate: RemoteGate) -> None:
    pid = (await seen(gate, "echo"))["pid"]
    ended = asyncio.create_task(_end(gate, QUIET))
    await seen(gate, "late")

    os.kill(int(str(pid)), signal.SIGKILL)

    assert await ended == "closed"


async def test_a_second_watch_replaces_the_first(gate: RemoteGate) -> None:
    ended = asyncio.create_task(_end(gate, QUIET))
    await seen(gate, "late")

    assert await _first(gate)
    assert await ended == "closed"


async def test_more_events_than_anybody_hears_end_the_gate(
    gate: RemoteGate,
) -> None:
    async with contextlib.aclosing(gate.watch(EXITS)) as events:
        await anext(events)

        with pytest.raises(CannotReach) as caught:
            await gate.observe({"flood": {}}, within=WITHIN)

    assert caught.value.reason == "unreadable"
    assert "more than 256 events at once" in str(caught.value)


async def test_a_gate_that_tells_too_much_is_ended(
    gate: RemoteGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST", 3)

    async with contextlib.aclosing(gate.watch(EXITS)) as events:
        for _ in range(3):
            await anext(events)
        with pytest.raises(CannotReach, match="more than 3 events a minute"):
            await anext(events)


async def test_what_nobody_hears_any_more_ends_no_gate(
    gate: RemoteGate,
) -> None:
    before = await seen(gate, "echo")
    await _first(gate)

    flooded = await failure(gate, "flood", within=0.9)

    assert flooded.reason == "timeout"
    assert await seen(gate, "echo") == before


async def test_after_a_loss_the_next_watch_waits_a_moment(
    gate: RemoteGate, server: Sshd
) -> None:
    ended = asyncio.create_task(_end(gate, SILENT))
    await seen(gate, "echo")
    server.kill_sessions()
    await ended
    started = asyncio.get_running_loop().time()

    await _first(gate)

    assert asyncio.get_running_loop().time() - started > 0.9


async def test_without_python_a_watch_ends_at_once(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock, pythons=()) as gate:
        assert await _end(gate, QUIET) == "gate_missing"
