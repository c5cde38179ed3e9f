"""Nothing of ours is left on a host, however the line ends."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from tests.fakes.clock import FakeClock
from tests.hosts.gates import gate_on, install, seen
from tests.hosts.sshd import Sshd
from tests.hosts.waiting import until

CLIENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from monitor.adapters.clock import SystemClock
from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
async def main():
    host = SshHost("gpu1", SshSettings(address="127.0.0.1", port={port},
        user={user!r}, key_file=Path({key!r}),
        known_hosts_file=Path({known!r})), SystemClock())
    gate = RemoteGate(host, SystemClock(),
        program=Path({program!r}).read_bytes)
    answer = await gate.observe({{"echo": {{}}}}, within=20)
    print(answer.body["parts"]["echo"]["pid"], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def _is_gone(pid: int) -> Callable[[], bool]:
    def gone() -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
        except (FileNotFoundError, ProcessLookupError):
            return True
        return state.startswith("Z")

    return gone


async def test_closing_ends_the_gate_on_the_host(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock, is_odd=True) as gate:
        pid = int(str((await seen(gate, "echo"))["pid"]))

    await until(_is_gone(pid))
    assert host.state == "connected"


async def test_closing_ends_an_installed_gate(
    host: SshHost, clock: FakeClock, server: Sshd
) -> None:
    install(server)
    async with gate_on(host, clock) as gate:
        await seen(gate, "machine")
        pids = _running(server)

    assert pids
    for pid in pids:
        await until(_is_gone(pid))


async def test_a_connection_that_is_cut_ends_the_gate(
    host: SshHost, clock: FakeClock, server: Sshd
) -> None:
    async with gate_on(host, clock, is_odd=True) as gate:
        pid = int(str((await seen(gate, "echo"))["pid"]))

        server.kill_sessions()

        await until(_is_gone(pid))


async def test_closing_while_a_gate_is_being_started_leaves_nothing(
    host: SshHost, clock: FakeClock, server: Sshd
) -> None:
    (server.home / ".bashrc").write_text("sleep 0.3\n")
    async with gate_on(host, clock, is_odd=True) as gate:
        asking = asyncio.create_task(gate.observe({"echo": {}}, within=20))
        await host.run("true", within=20)

    await asyncio.wait({asking})
    assert asking.exception() or asking.cancelled()
    await until(lambda: not _running(server))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_monitor_that_is_killed_leaves_no_gate(
    server: Sshd, number: signal.Signals
) -> None:
    odd = Path(__file__).with_name("odd_gate.py")
    text = CLIENT.format(
        root=str(Path(__file__).parents[2]),
        port=server.port,
        user=server.settings.user,
        key=str(server.settings.key_file),
        known=str(server.settings.known_hosts_file),
        program=str(odd),
    )
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, stdout=subprocess.PIPE
    )
    assert client.stdout
    pid = int(await client.stdout.readline())

    client.send_signal(number)

    await client.wait()
    await until(_is_gone(pid))


def _running(server: Sshd) -> list[int]:
    """Return the gates and shells that this sshd runs."""
    return [
        pid
        for pid in server.children()
        if pid not in server.sessions() and not _is_gone(pid)()
    ]
