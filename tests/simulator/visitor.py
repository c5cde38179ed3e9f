"""A client of simulated hosts, and what it brings along."""

import ssl
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import asyncssh
import httpx

from monitor.simulator.host import SimulatedHost

ASTRONAUT = "astronaut_512.jpg"
HOPPER = "grace_hopper_512.jpg"
SECONDS = 0.12
"""What every job takes here; the image work fits in."""
DURATIONS = {
    "gfpgan_1.4": SECONDS,
    "codeformer": SECONDS,
    "restoreformer_plus_plus": SECONDS,
    "age": SECONDS,
    "swap": SECONDS,
}


NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody and is quick; making httpx's own takes 0.1 s a client."""


def portrait(name: str) -> bytes:
    return (files("monitor") / "portraits" / name).read_bytes()


@dataclass
class Visitor:
    """A client of simulated hosts, with a key that they know."""

    key: Path
    public_key: str

    def ssh(
        self, host: SimulatedHost
    ) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
        return asyncssh.connect(
            host.ssh_address,
            host.ssh_port,
            username="ffmon",
            client_keys=[str(self.key)],
            known_hosts=asyncssh.import_known_hosts(host.host_key_line),
            config=None,
            login_timeout=5,
        )

    async def run(self, host: SimulatedHost, command: str) -> str:
        """Run a command that prints text and return that."""
        async with self.ssh(host) as connection:
            done = await connection.run(command, timeout=10)
        return str(done.stdout)

    async def status(self, host: SimulatedHost) -> httpx.Response:
        async with httpx.AsyncClient(timeout=5, verify=NO_TLS) as http:
            return await http.get(f"{host.url}/api/v1/status")

    async def post(
        self, host: SimulatedHost, path: str, **body: object
    ) -> httpx.Response:
        async with httpx.AsyncClient(timeout=10, verify=NO_TLS) as http:
            return await http.post(f"{host.url}/api/v1/{path}", json=body)

    async def enhance(self, host: SimulatedHost) -> httpx.Response:
        """Enhance a portrait that is put there first."""
        return await self.post(
            host, "enhance-face", source_path=put(host, ASTRONAUT)
        )


def output(answer: httpx.Response) -> bytes:
    """Return the image that an answer names."""
    return Path(answer.json()["output_path"]).read_bytes()


def is_dead(pid: int) -> bool:
    """Return whether a process is gone, or only waits to be counted."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def put(host: SimulatedHost, name: str) -> str:
    """Lay a portrait into the canary directory; return its path."""
    path = host.canary_directory / name
    path.write_bytes(portrait(name))
    return str(path)
