"""Starting and stopping, cleanly."""

import asyncio
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from monitor.domain.errors import CannotListen
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost, UnusableDirectory
from monitor.simulator.ssh.server import NotStarted
from tests.hosts.waiting import until
from tests.simulator.visitor import NO_TLS, Visitor, is_dead


def _threads() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if not thread.name.startswith("asyncio_")
    }


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _is_free(port: int) -> bool:
    """Return whether nobody listens; who talked here may still linger."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def test_stopping_leaves_no_thread_process_descriptor_or_port(
    tmp_path: Path, visitor: Visitor
) -> None:
    threads, descriptors = _threads(), _descriptors()
    host = SimulatedHost("busy", workdir=tmp_path / "busy")
    host.authorize(visitor.public_key)
    await host.start()
    async with visitor.ssh(host) as connection, connection.start_sftp_client():
        hung = await connection.create_process(
            "timeout 60 sh -c 'echo $$; exec sleep 60'"
        )
        pid = int(await hung.stdout.readline())
        job = asyncio.create_task(visitor.enhance(host))
        await until(lambda: _is_working(host))
        host.faults.switch_on("hang")
        waiting = asyncio.create_task(visitor.status(host))
        ports = int(host.url.rpartition(":")[2]), host.ssh_port

        began = time.monotonic()
        await host.stop()
        took = time.monotonic() - began

        assert took < 2
        ended = await asyncio.gather(job, waiting, return_exceptions=True)
    assert all(isinstance(error, httpx.TransportError) for error in ended)
    await until(lambda: is_dead(pid))
    assert all(_is_free(port) for port in ports)
    assert _threads() <= threads
    await until(lambda: _descriptors() <= descriptors)


def _is_working(host: SimulatedHost) -> bool:
    return any(host.canary_directory.glob("enhanced_*"))


async def test_a_host_starts_again_on_the_ports_it_had(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    before = studio.url, studio.ssh_port

    await studio.stop()
    await studio.start()

    assert (studio.url, studio.ssh_port) == before
    assert (await visitor.status(studio)).status_code == 200
    assert await visitor.run(studio, "echo here") == "here\n"


async def test_starting_and_stopping_twice_is_once(
    tmp_path: Path, visitor: Visitor
) -> None:
    host = SimulatedHost("twice", workdir=tmp_path / "twice")

    await host.start()
    await host.start()
    assert (await visitor.status(host)).status_code == 200

    await host.stop()
    await host.stop()
    with pytest.raises(httpx.ConnectError):
        await visitor.status(host)


@pytest.mark.parametrize("which", ["http_port", "ssh_port"])
async def test_a_port_in_use_is_named_and_nothing_is_left(
    tmp_path: Path, which: str
) -> None:
    threads, descriptors = _threads(), _descriptors()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"http_port": 0, "ssh_port": 0, which: port}
        host = SimulatedHost("late", workdir=tmp_path / "late", **ports)

        with pytest.raises(
            CannotListen, match=f"cannot listen on 127.0.0.1:{port}: "
        ):
            await host.start()

    assert _threads() <= threads
    await until(lambda: _descriptors() <= descriptors)


async def test_a_fleet_of_which_one_cannot_start_does_not_start(
    tmp_path: Path,
) -> None:
    threads = _threads()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        good = SimulatedHost("good", workdir=tmp_path / "good")
        bad = SimulatedHost(
            "bad", workdir=tmp_path / "bad", http_port=taken.getsockname()[1]
        )

        with pytest.raises(CannotListen):
            await Fleet(good, bad).start()

    assert _threads() <= threads


async def test_a_port_that_is_closed_by_a_fault_is_given_to_nobody_else(
    tmp_path: Path,
) -> None:
    host = SimulatedHost("shut", workdir=tmp_path / "shut")
    host.faults.switch_on("refused")

    async with host:
        port = int(host.url.rpartition(":")[2])
        with (
            socket.socket() as stranger,
            pytest.raises(OSError, match="in use"),
        ):
            stranger.bind(("127.0.0.1", port))


async def test_a_directory_that_cannot_stand_in_a_path_is_refused(
    tmp_path: Path,
) -> None:
    host = SimulatedHost("odd", workdir=tmp_path / "with space")

    with pytest.raises(UnusableDirectory, match="cannot simulate a host in"):
        await host.start()


async def test_the_host_key_is_not_known_before_the_start(
    tmp_path: Path,
) -> None:
    host = SimulatedHost("young", workdir=tmp_path / "young")

    with pytest.raises(NotStarted, match="cannot tell the host key"):
        assert host.host_key_line


async def test_a_start_that_is_given_up_leaves_nothing(
    tmp_path: Path,
) -> None:
    threads = _threads()
    host = SimulatedHost("brief", workdir=tmp_path / "brief")

    start = asyncio.create_task(host.start())
    await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start

    assert _threads() <= threads


async def test_a_busy_loop_does_not_make_the_host_late(
    studio: SimulatedHost,
) -> None:
    def hold_up() -> float:
        """Keep this event loop busy; ask from this very thread."""
        began = time.monotonic()
        with httpx.Client(verify=NO_TLS) as http:
            http.get(f"{studio.url}/api/v1/status")
        return time.monotonic() - began

    assert hold_up() < 1


def test_a_host_may_live_without_anybodys_event_loop(tmp_path: Path) -> None:
    host = SimulatedHost("alone", workdir=tmp_path / "alone")

    asyncio.run(host.start())
    with httpx.Client(verify=NO_TLS) as http:
        answer = http.get(f"{host.url}/api/v1/status")
    asyncio.run(host.stop())

    assert answer.status_code == 200
