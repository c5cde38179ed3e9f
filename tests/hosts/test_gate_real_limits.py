"""Limits of sshd, and many hosts at once."""

import asyncio
import contextlib
import random
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.conftest import Connect
from tests.hosts.gates import failure, gate_on, odd_program, seen
from tests.hosts.sshd import Sshd, sshd
from tests.hosts.waiting import until

HOSTS = 40


async def test_the_session_is_no_command_and_takes_no_place_of_one(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock, is_odd=True) as gate:
        await seen(gate, "echo")

        ran = await asyncio.gather(
            *(host.run("sleep 0.2; echo ok", within=10) for _ in range(4)),
            seen(gate, "echo"),
        )

    assert len(ran) == 5


async def test_an_sshd_without_a_place_for_the_session_says_busy(
    tmp_path: Path, connect: Connect, clock: FakeClock
) -> None:
    with sshd(tmp_path / "sshd", "MaxSessions 3") as server:
        host = connect(server.settings)
        mark = tmp_path / "mark"
        runs = [
            asyncio.create_task(
                host.run(f"echo x >>{mark}; sleep 1.5", within=10)
            )
            for _ in range(3)
        ]
        await until(lambda: mark.exists() and len(mark.read_bytes()) == 6)
        async with gate_on(host, clock, is_odd=True) as gate:
            failed = await failure(gate)
            await asyncio.gather(*runs)
            clock.pass_time(2)

            assert failed.reason == "busy"
            assert await seen(gate, "echo")


async def test_with_three_sessions_the_gate_keeps_one(
    tmp_path: Path, connect: Connect, clock: FakeClock
) -> None:
    with sshd(tmp_path / "sshd", "MaxSessions 3") as server:
        host = connect(server.settings)
        async with gate_on(host, clock, is_odd=True) as gate:
            await seen(gate, "echo")

            runs = await asyncio.gather(
                *(host.run("sleep 0.3", within=10) for _ in range(4)),
                return_exceptions=True,
            )

            refused = [r for r in runs if isinstance(r, CannotReach)]
            assert {r.reason for r in refused} == {"busy"}
            assert await seen(gate, "echo")


async def test_a_refusal_at_max_startups_is_tried_again(
    tmp_path: Path, connect: Connect, clock: FakeClock
) -> None:
    with sshd(tmp_path / "sshd", "MaxStartups 1") as server:
        host = connect(server.settings)
        async with gate_on(host, clock, is_odd=True) as gate:
            with _stranger(server):
                try:  # sshd counts late: now and then it lets one in
                    await seen(gate, "echo")
                except CannotReach as failed:
                    reason = failed.reason
                else:
                    reason = "closed"
            clock.pass_time(60)

            assert reason == "closed"
            assert await _comes_back(gate, clock)


@contextlib.contextmanager
def _stranger(server: Sshd) -> Iterator[None]:
    """Hold connections that never log in, until three are refused."""
    refused = 0
    with contextlib.ExitStack() as held:
        for _ in range(100):
            sock = socket.create_connection(("127.0.0.1", server.port))
            held.enter_context(sock)
            refused += not _greeted(sock)
            if refused == 3:
                break
        yield


def _greeted(sock: socket.socket) -> bool:
    with contextlib.suppress(ConnectionError):
        return bool(sock.recv(1))
    return False


async def _comes_back(gate: RemoteGate, clock: FakeClock) -> bool:
    return len(await _all_back([gate], clock)) == 1


async def test_forty_hosts_come_back_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    with sshd(tmp_path / "sshd") as server:
        async with contextlib.AsyncExitStack() as stack:
            gates = [_gate(server, clock, stack, n) for n in range(HOSTS)]
            before = await asyncio.gather(*(seen(g, "echo") for g in gates))

            server.kill_sessions()

            after = await _all_back(gates, clock)
            pids = {str(one["pid"]) for one in before}
            assert len(pids) == HOSTS
            assert not pids & {str(one["pid"]) for one in after}


async def test_forty_hosts_behind_one_jump_host_come_back(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    with (
        sshd(tmp_path / "jump", "MaxStartups 10:30:100") as jump,
        sshd(tmp_path / "sshd") as server,
    ):
        async with contextlib.AsyncExitStack() as stack:
            gates = [
                _gate(server, clock, stack, n, jump) for n in range(HOSTS)
            ]
            await _all_back(gates, clock)

            jump.kill_sessions()

            assert len(await _all_back(gates, clock)) == HOSTS


def _gate(
    server: Sshd,
    clock: FakeClock,
    stack: contextlib.AsyncExitStack,
    number: int,
    jump: Sshd | None = None,
) -> RemoteGate:
    settings = server.through(jump) if jump else server.settings
    settings = replace(settings, connect_timeout=30)
    chance = random.Random(number).random  # noqa: S311  no secret
    host = SshHost(f"gpu{number}", settings, clock, chance=chance)
    stack.push_async_callback(host.close)
    gate = RemoteGate(host, clock, program=odd_program, chance=chance)
    stack.push_async_callback(gate.close)
    return gate


async def _all_back(
    gates: list[RemoteGate], clock: FakeClock
) -> list[dict[str, object]]:
    """Ask all until all have answered, a second after the other."""
    answers: dict[RemoteGate, dict[str, object]] = {}
    for _ in range(120):
        left = [gate for gate in gates if gate not in answers]
        for gate, found in zip(
            left,
            await asyncio.gather(
                *(seen(gate, "echo", 30) for gate in left),
                return_exceptions=True,
            ),
            strict=True,
        ):
            if isinstance(found, dict):
                answers[gate] = found
            elif not isinstance(found, CannotReach):
                raise found
        if len(answers) == len(gates):
            break
        clock.pass_time(1)
    assert len(answers) == len(gates)
    return list(answers.values())
