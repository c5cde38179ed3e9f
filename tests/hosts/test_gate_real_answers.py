"""What a gate may answer over a real sshd: never a wrong value."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.gates import WITHIN, failure, gate_on, seen
from tests.hosts.sshd import Sshd


@pytest.fixture
async def gate(host: SshHost, clock: FakeClock) -> AsyncIterator[RemoteGate]:
    async with gate_on(host, clock, is_odd=True) as opened:
        yield opened


async def _pid(gate: RemoteGate) -> int:
    pid = (await seen(gate, "echo"))["pid"]
    assert isinstance(pid, int)
    return pid


async def test_one_gate_answers_everything_that_is_asked(
    gate: RemoteGate,
) -> None:
    pids = {await _pid(gate) for _ in range(5)}

    assert len(pids) == 1


async def test_answers_may_come_in_any_order(gate: RemoteGate) -> None:
    await _pid(gate)

    late, soon = await asyncio.gather(seen(gate, "late"), seen(gate, "echo"))

    assert late == soon


async def test_the_time_of_a_host_is_kept_as_it_is(gate: RemoteGate) -> None:
    answer = await gate.observe({"echo": {}}, within=WITHIN)

    assert answer.body["at"] == 1.5


async def test_of_two_answers_the_first_counts(gate: RemoteGate) -> None:
    answer = await gate.observe({"twice": {}}, within=WITHIN)
    after = await _pid(gate)

    assert answer.body["parts"] == {"n": 1}
    assert after > 1


@pytest.mark.parametrize("part", ["stranger", "rubbish", "complain"])
async def test_what_is_no_answer_to_us_is_left_out(
    gate: RemoteGate, part: str
) -> None:
    assert (await seen(gate, part))["pid"] == await _pid(gate)


async def test_an_answer_without_parts_is_unreadable(
    gate: RemoteGate,
) -> None:
    failed = await failure(gate, "wrong")

    assert failed.reason == "unreadable"
    assert "it has no parts" in str(failed)


async def test_a_line_of_ten_megabytes_is_no_answer(gate: RemoteGate) -> None:
    await _pid(gate)
    asked = asyncio.create_task(failure(gate, "huge", 2))

    echoed = await seen(gate, "echo")

    assert echoed
    failed = await asked
    assert failed.reason == "timeout"
    assert "longer than 1 MiB" in str(failed)


async def test_half_an_answer_is_none_and_the_next_gate_is_another(
    gate: RemoteGate,
) -> None:
    before = await _pid(gate)

    failed = await failure(gate, "half", 1.2)

    assert failed.reason == "timeout"
    assert await _pid(gate) != before


async def test_a_gate_that_freezes_in_an_answer_is_replaced(
    gate: RemoteGate,
) -> None:
    before = await _pid(gate)

    failed = await failure(gate, "freeze", 1.2)

    assert failed.reason == "timeout"
    assert await _pid(gate) != before
    os.kill(before, signal.SIGKILL)


async def test_a_gate_that_dies_while_it_observes_says_closed(
    gate: RemoteGate,
) -> None:
    before = await _pid(gate)

    failed = await failure(gate, "die")

    assert failed.reason == "closed"
    assert 'it said "it died of this"' in str(failed)
    assert await _pid(gate) != before


async def test_a_gate_that_dies_again_and_again_is_left_alone_for_a_while(
    gate: RemoteGate, clock: FakeClock
) -> None:
    await failure(gate, "die")

    failed = await failure(gate)
    clock.pass_time(1.1)

    assert "(next try in 1 s)" in str(failed)
    assert failed.reason == "closed"
    assert await _pid(gate) > 0


async def test_a_killed_connection_fails_what_is_under_way(
    gate: RemoteGate, server: Sshd
) -> None:
    before = await _pid(gate)
    asked = asyncio.create_task(failure(gate, "freeze"))
    await asyncio.sleep(0)

    server.kill_sessions()

    assert (await asked).reason == "closed"
    assert await _pid(gate) != before
    os.kill(before, signal.SIGCONT)


async def test_a_frozen_sshd_ends_the_connection(
    gate: RemoteGate, server: Sshd, host: SshHost
) -> None:
    before = await _pid(gate)
    frozen = server.sessions()
    server.freeze()

    failed = await failure(gate, "echo", 1.2)

    assert failed.reason == "timeout"
    for _ in range(800):
        if host.state == "down":
            break
        await asyncio.sleep(0.01)
    assert host.state == "down"
    assert await _pid(gate) != before
    assert set(server.sessions()) > set(frozen)


async def test_eight_requests_are_under_way_and_the_ninth_waits(
    gate: RemoteGate,
) -> None:
    await _pid(gate)
    late = [asyncio.create_task(seen(gate, "late")) for _ in range(8)]
    await asyncio.sleep(0)

    failed = await failure(gate, "echo", 0.1)

    assert failed.reason == "timeout"
    assert "8 requests are under way" in str(failed)
    assert len(await asyncio.gather(*late)) == 8


async def test_a_request_that_is_too_long_is_not_sent(
    gate: RemoteGate,
) -> None:
    with pytest.raises(CannotReach) as caught:
        await gate.files({"data": "x" * 1_100_000}, within=WITHIN)

    assert caught.value.reason == "too_large"
    assert await _pid(gate) > 0


async def test_what_a_gate_refuses_is_named(gate: RemoteGate) -> None:
    with pytest.raises(CannotReach, match="host install") as caught:
        await gate.files({"do": "list"}, within=WITHIN)

    assert caught.value.reason == "gate_version"


async def test_a_closed_gate_says_so(gate: RemoteGate) -> None:
    await _pid(gate)

    await gate.close()

    assert (await failure(gate)).reason == "closed"
