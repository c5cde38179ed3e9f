"""An sshd with a gate for one key and a shell for another, to be measured.

For bench_ssh.py. An nvidia-smi there prints 46 kB that were made before.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.adapters.clock import SystemClock
from monitor.adapters.gate import RemoteGate, RemoteNvidiaSmi
from monitor.adapters.gate.bundle import program
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from tests.bench.gpu_hosts import answer
from tests.hosts.sshd import make_key, sshd

Collect = Callable[[], Awaitable[int]]

WITHIN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateHost:
    """How to reach the gate, how the shell, and where nvidia-smi is."""

    gate: SshSettings
    shell: SshSettings
    tool: Path


@contextmanager
def gate_host(folder: Path) -> Iterator[GateHost]:
    """Run it for as long as the block lasts."""
    tool = _nvidia_smi(folder)
    gate = folder / "gate"
    gate.write_bytes(program())
    with sshd(folder / "sshd") as server:
        shell_key = server.directory / "shell_key"
        shell = make_key(shell_key)
        key = (server.directory / "client_key.pub").read_text().strip()
        # A lock of its own: others on this machine may run nvidia-smi.
        path = f"TMPDIR={folder} PATH={tool.parent}:/usr/bin:/bin"
        command = f"{path} exec {sys.executable} -I {gate} observe"
        (server.directory / "authorized_keys").write_text(
            f'restrict,command="{command}" {key}\n{shell}'
        )
        settings = server.settings
        yield GateHost(
            gate=settings,
            shell=replace(settings, key_file=shell_key),
            tool=tool,
        )


def gpu_part(host: GateHost) -> Collect:
    """Return one collection through the gate's open channel."""
    shell = SshHost("bench", host.gate, SystemClock())
    smi = RemoteNvidiaSmi(shell, RemoteGate(shell, SystemClock()))

    async def collect() -> int:
        return len((await smi.collect(within=WITHIN)).stdout)

    return collect


def observed(host: GateHost) -> Collect:
    """Return one look at the machine through the gate's open channel."""
    shell = SshHost("bench", host.gate, SystemClock())
    gate = RemoteGate(shell, SystemClock())

    async def collect() -> int:
        answered = await gate.observe({"machine": {}}, within=WITHIN)
        return len(answered.body)

    return collect


def by_script(host: GateHost) -> Collect:
    """Return one collection by a script on an open connection."""
    shell = SshHost("bench", host.shell, SystemClock())

    async def collect() -> int:
        script = f"{host.tool} -q -x"
        return len((await shell.run(script, within=WITHIN)).stdout)

    return collect


def by_command(host: GateHost) -> Collect:
    """Return one collection by the `ssh` command, as the recipes have it."""
    known = host.shell.known_hosts_file
    words = (
        *("ssh", "-p", str(host.shell.port), "-i", str(host.shell.key_file)),
        *("-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"),
        *("-F", "none", "-l", host.shell.user, host.shell.address),
        f"{host.tool} -q -x",
    )

    async def collect() -> int:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        return len((await process.communicate())[0])

    return collect


def _nvidia_smi(folder: Path) -> Path:
    tool = folder / "tools" / "nvidia-smi"
    tool.parent.mkdir(parents=True)
    (folder / "answer.xml").write_bytes(answer(brief=True))
    tool.write_text(f"#!/bin/sh\nexec cat {folder}/answer.xml\n")
    tool.chmod(0o755)
    return tool
