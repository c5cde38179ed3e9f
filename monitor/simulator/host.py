"""One simulated FaceFusion machine: the guide's API, SSH and GPUs."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from typing_extensions import override

from monitor.domain.errors import MonitorError
from monitor.simulator.api import create_api
from monitor.simulator.broken_http import BrokenHttp
from monitor.simulator.cors import Cors
from monitor.simulator.door import ADDRESS
from monitor.simulator.faults import Faults
from monitor.simulator.http_server import HttpServer
from monitor.simulator.inside import Inside
from monitor.simulator.machine.booting import USUAL, Pace
from monitor.simulator.machine.clock import Clock, right_clock
from monitor.simulator.machine.doors import SILENT, TURNING, is_shut
from monitor.simulator.places import Places
from monitor.simulator.ssh.guest import Machine
from monitor.simulator.ssh.server import SshServer
from monitor.simulator.stage import OnStage, Stage
from monitor.simulator.worker import Worker

_PLAIN = re.compile(r"[A-Za-z0-9_./@+-]+")


class UnusableDirectory(MonitorError):
    """A directory whose name cannot stand in a PATH unquoted."""


class SimulatedHost(OnStage):
    """A machine that can be broken, on 127.0.0.1 and in its own thread.

    Port 0 takes any free one and keeps it until `stop`. `speed` multiplies
    the seconds that jobs take (see `jobs.RTX_3090`), `durations` replaces
    some of them. Everything it writes lies below `workdir`. Over SSH a
    gate answers; without `gate` the host is one that has no Python. `clock`
    is what the machine takes for the time, `pace` how long a reboot takes.
    """

    ssh_address = ADDRESS

    def __init__(  # noqa: PLR0913 - one keyword a knob, all with defaults
        self,
        name: str,
        *,
        workdir: Path,
        gpus: int = 2,
        http_port: int = 0,
        ssh_port: int = 0,
        speed: float = 1.0,
        durations: Mapping[str, float] | None = None,
        gate: bool = True,
        clock: Clock = right_clock,
        pace: Pace = USUAL,
    ) -> None:
        self.name = name
        self.workdir = workdir.resolve()
        self._gate = gate
        self._loop: asyncio.AbstractEventLoop | None = None
        self.faults = Faults(self._changed)
        self._inside = Inside(
            name,
            self.faults,
            gpus=gpus,
            speed=speed,
            durations=durations,
            clock=clock,
            cut=self._cut,
            later=self._later,
            pace=pace,
        )
        self._http = self._make_http(http_port)
        self._ssh = self._make_ssh(ssh_port)
        self._stage = Stage(f"simulated-{name}", self._play)

    @property
    def url(self) -> str:
        """Return the address of the HTTP API."""
        return self._http.url

    @property
    def ssh_port(self) -> int:
        """Return the port of the SSH server, after `start` a real one."""
        return self._ssh.door.port

    @property
    def host_key_line(self) -> str:
        """Return the line of a known_hosts file, after `start`."""
        return self._ssh.host_key_line()

    @property
    def canary_directory(self) -> Path:
        """Return the directory for canary images, there after `start`."""
        return self.workdir / "canary"

    @property
    def jobs(self) -> int:
        """Return how many jobs were done."""
        return self._inside.jobs.done

    def authorize(self, public_key: str, role: str = "observe") -> None:
        """Let in whoever holds the key of this `authorized_keys` line.

        `role` is what it is for: observe, act, or reboot.
        """
        self._ssh.authorize(public_key, role)

    @override
    async def start(self) -> None:
        """Return when both ports answer, or are closed by a fault.

        Raises `CannotListen` and `UnusableDirectory`; then nothing is left.
        """
        await self._stage.start()

    @override
    async def stop(self) -> None:
        """Return when no thread, process, connection or port is left."""
        await self._stage.stop()

    def _make_http(self, port: int) -> HttpServer:
        places = Places(
            self.workdir, self.workdir / "outputs", lambda: self.url
        )
        api = create_api(
            self._inside.jobs, places, Worker(self.faults, places)
        )
        app = BrokenHttp(Cors(api, self.faults), self.faults)
        return HttpServer(self.name, app, port=port)

    def _make_ssh(self, port: int) -> SshServer:
        site = self._inside.site(
            canaries=self.canary_directory, root=self.workdir
        )
        machine = Machine(
            home=self.workdir,
            tools=self.workdir / "bin",
            scratch=self.workdir / "tmp",
            prepare=self._inside.publish,
            gate=site if self._gate else None,
        )
        return SshServer(self.name, machine, port=port)

    @asynccontextmanager
    async def _play(self) -> AsyncIterator[None]:
        """Live, in the thread and loop of the stage."""
        self._loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._furnish)
            self._http.attach()
            self._inside.world.port = self._http.door.port
            self._turn_doors()
            yield
        finally:
            await self._http.close()
            await asyncio.to_thread(self._ssh.close)

    def _furnish(self) -> None:
        """Make the files that the host needs before it can be visited."""
        if not _PLAIN.fullmatch(str(self.workdir)):
            raise UnusableDirectory(
                f"cannot simulate a host in {str(self.workdir)!r}: its path"
                " stands in a PATH; use letters, digits and ._/@+- only"
            )
        self.workdir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("bin", "canary", "outputs", "state", "tmp"):
            (self.workdir / name).mkdir(exist_ok=True)
        self._inside.nvidia_smi.install(
            self.workdir / "bin", self.workdir / "state"
        )
        self._inside.publish()
        self._ssh.attach(self.workdir / "ssh_host_key")

    def _changed(self, name: str) -> None:
        """Do at once what a fault means for doors, jobs and machine."""
        if name in TURNING or name == "ssh_down":
            self._turn_doors()
        elif name in SILENT and not self.faults.is_on(name):
            self._http.drop()
        self._inside.changed(name)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something in the host's own loop; with the host it ends."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(loop.call_later, seconds, do)

    def _cut(self) -> None:
        self._http.drop()
        self._ssh.drop()

    def _turn_doors(self) -> None:
        """Close the ports behind which nobody is, open the others."""
        away = self.faults.is_on("rebooting")
        _block(self._http, is_on=is_shut(self.faults))
        _block(self._ssh, is_on=away or self.faults.is_on("ssh_down"))


def _block(server: HttpServer | SshServer, *, is_on: bool) -> None:
    """Close a server's port and cut its connections, or open it again."""
    if is_on:
        server.door.shut()
        server.drop()
    else:
        server.door.open()
