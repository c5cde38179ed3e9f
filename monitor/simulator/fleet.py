"""Several simulated hosts, and one small API to break and heal them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from typing_extensions import override

from monitor.domain.errors import MonitorError
from monitor.simulator.backend import SimulatedBackend
from monitor.simulator.backend_control import backend_routes
from monitor.simulator.control import create_control
from monitor.simulator.host import SimulatedHost
from monitor.simulator.http_server import HttpServer
from monitor.simulator.stage import OnStage, Stage


class DuplicateHost(MonitorError):
    """Two hosts of one name."""


class Fleet(OnStage):
    """Starts and stops its hosts together; `control_url` is for curl.

    `backend` stands in front of all of them.
    """

    def __init__(
        self,
        *hosts: SimulatedHost,
        control_port: int = 0,
        backend: SimulatedBackend | None = None,
    ) -> None:
        self.hosts = {host.name: host for host in hosts}
        self.backend = backend
        if len(self.hosts) < len(hosts):
            raise DuplicateHost(
                "cannot simulate two hosts of one name; rename one of "
                + ", ".join(host.name for host in hosts)
            )
        control = create_control(self.hosts)
        if backend is not None:
            control.include_router(backend_routes(backend))
        self._control = HttpServer("control", control, port=control_port)
        self._stage = Stage("simulator-control", self._play)

    @property
    def control_url(self) -> str:
        """Return where faults are switched, after `start`."""
        return self._control.url

    @override
    async def start(self) -> None:
        """Start all, or none: raises what the first failure was."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._stage.start())
                if self.backend is not None:
                    group.create_task(self.backend.start())
                for host in self.hosts.values():
                    group.create_task(host.start())
        except ExceptionGroup as errors:
            await self.stop()
            raise errors.exceptions[0] from None

    @override
    async def stop(self) -> None:
        """Stop all; what was not started is no error."""
        behind = [self.backend.stop()] if self.backend else []
        await asyncio.gather(
            self._stage.stop(),
            *behind,
            *(host.stop() for host in self.hosts.values()),
        )

    @asynccontextmanager
    async def _play(self) -> AsyncIterator[None]:
        try:
            self._control.attach()
            self._control.door.open()
            yield
        finally:
            await self._control.close()
