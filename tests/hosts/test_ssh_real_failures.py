"""What can go wrong with a real sshd, and that we come back from it."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, sshd
from tests.hosts.waiting import until


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def _failure(host: SshHost, *, within: float = 10) -> CannotReach:
    with pytest.raises(CannotReach) as caught:
        await host.run("true", within=within)
    return caught.value


async def test_a_killed_connection_is_made_again_at_the_next_run(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)
    before = server.sessions()

    server.kill_sessions()

    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"
    assert not set(before) & set(server.sessions())


async def test_the_end_of_an_idle_connection_is_noticed(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)

    server.kill_sessions()

    await until(lambda: host.state == "down")


async def test_a_connection_killed_in_a_run_says_closed(
    host: SshHost, server: Sshd, tmp_path: Path
) -> None:
    await host.run("true", within=10)
    mark = tmp_path / "started"
    run = asyncio.create_task(host.run(f"touch {mark}; sleep 20", within=30))
    await until(mark.exists)

    server.kill_sessions()

    with pytest.raises(CannotReach, match="was closed") as caught:
        await run
    assert caught.value.reason == "closed"
    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"


async def test_a_frozen_sshd_is_cut_off_and_connected_to_anew(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)
    frozen = server.sessions()
    server.freeze()
    started = asyncio.get_running_loop().time()

    failure = await _failure(host, within=0.5)

    assert failure.reason == "timeout"
    assert "sshd does not open a channel; it may be frozen" in str(failure)
    assert asyncio.get_running_loop().time() - started < 1
    await until(lambda: host.state == "down", within=5)
    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"
    assert set(server.sessions()) > set(frozen)


async def test_an_sshd_that_freezes_in_a_run_is_cut_off(
    host: SshHost, server: Sshd, tmp_path: Path
) -> None:
    await host.run("true", within=10)
    mark = tmp_path / "started"
    run = asyncio.create_task(host.run(f"touch {mark}; sleep 20", within=1))
    await until(mark.exists)

    server.freeze()

    with pytest.raises(CannotReach, match="did not end"):
        await run
    await until(lambda: host.state == "down", within=5)


async def test_a_frozen_sshd_that_thaws_in_time_is_kept(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)
    frozen = server.sessions()
    server.freeze()
    run = asyncio.create_task(host.run("echo ok", within=10))
    await asyncio.wait({run}, timeout=0.2)

    server.thaw()

    assert (await run).stdout == b"ok\n"
    assert server.sessions() == frozen


async def test_a_frozen_listener_says_that_nothing_is_said(
    server: Sshd, connect: Connect
) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    host = connect(replace(server.settings, connect_timeout=0.5))

    failure = await _failure(host)

    assert failure.reason == "timeout"
    assert "accepts connections, but sshd says nothing" in str(failure)


async def test_a_port_that_says_nothing_costs_the_connect_timeout(
    server: Sshd, connect: Connect, silent_port: int
) -> None:
    settings = replace(server.settings, port=silent_port, connect_timeout=0.5)
    started = asyncio.get_running_loop().time()

    failure = await _failure(connect(settings))

    assert failure.reason == "timeout"
    assert "within 0.5 s" in str(failure)
    assert asyncio.get_running_loop().time() - started < 1.5


async def test_a_run_waits_for_a_connection_no_longer_than_it_may(
    server: Sshd, connect: Connect, silent_port: int
) -> None:
    host = connect(
        replace(server.settings, port=silent_port, connect_timeout=5)
    )

    failure = await _failure(host, within=0.2)

    assert failure.reason == "timeout"
    assert "still being connected to" in str(failure)
    assert host.state == "connecting"


async def test_a_refused_connection_is_named_and_backed_off_from(
    server: Sshd, connect: Connect, clock: FakeClock
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = replace(server.settings, port=taken.getsockname()[1])
        host = connect(settings)

        first = await _failure(host)
        second = await _failure(host)
        clock.pass_time(2.1)
        third = await _failure(host)
        fourth = await _failure(host)

    assert [f.reason for f in (first, second, third, fourth)] == [
        "refused"
    ] * 4
    assert "check that sshd runs there" in str(first)
    assert "next try" not in str(first)
    assert str(second).endswith("(next try in 2 s)")
    assert "next try" not in str(third)
    assert str(fourth).endswith("(next try in 4 s)")


async def test_a_host_that_comes_up_is_connected_to_after_the_pause(
    tmp_path: Path, connect: Connect, clock: FakeClock
) -> None:
    with sshd(tmp_path / "first") as server:
        settings = server.settings
    host = connect(settings)
    await _failure(host)
    clock.pass_time(60)
    assert (await _failure(host)).reason == "refused"

    with sshd(tmp_path / "again", f"Port {settings.port}") as server:
        public = (tmp_path / "first/client_key.pub").read_text()
        (tmp_path / "again/authorized_keys").write_text(public)
        name = f"[127.0.0.1]:{settings.port}"
        settings.known_hosts_file.write_text(f"{name} {server.host_key}\n")
        clock.pass_time(60)

        assert (await host.run("echo ok", within=10)).stdout == b"ok\n"
        assert host.state == "connected"

    assert (await _failure(host)).reason == "refused"
    assert str(await _failure(host)).endswith("(next try in 2 s)")


async def test_a_name_that_is_not_known_is_named(
    server: Sshd, connect: Connect
) -> None:
    settings = replace(server.settings, address="nowhere.invalid")

    failure = await _failure(connect(settings))

    assert failure.reason == "resolve"
    assert "host 'gpu1' (nowhere.invalid:" in str(failure)


async def test_runs_at_once_share_one_attempt_to_connect(
    host: SshHost, server: Sshd
) -> None:
    await asyncio.gather(*(host.run("true", within=10) for _ in range(6)))

    log = (server.directory / "sshd.log").read_text()
    assert log.count("Accepted publickey") == 1
