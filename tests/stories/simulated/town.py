"""The world that a monitor watches: a street of machines and backends."""

import asyncio
from urllib.parse import urlsplit

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.config import Settings
from tests.stories.simulated.backends import BackendMachine, upload
from tests.stories.simulated.clockwork import StoryClock
from tests.stories.simulated.machines import FaceFusion, Machine
from tests.stories.simulated.street import Street
from tests.stories.simulated.wires import Server, Wire


class Town:
    """The world: a street of machines, as settings speak of them."""

    def __init__(self, settings: Settings, clock: StoryClock) -> None:
        self.street = Street()
        self.shelf = MemoryShelf(clock)
        self._clock = clock
        self.machines: dict[str, Machine] = {}
        self.servers: dict[str, FaceFusion] = {}
        self.backends: dict[str, BackendMachine] = {}
        for host in settings.hosts:
            self.machines[host.name] = self._machine(
                host.name, host.ssh.address
            )
        for target in settings.targets:
            self._add(target.name, target.url, target.service)
            if target.backend is not None:
                self._add_backend(target.backend.url)

    def server(self, host: str, port: int) -> Server:
        """Return what serves a port."""
        house = self.street.houses[self.street.names.get(host, host)]
        if isinstance(house, BackendMachine):
            return house.server
        assert isinstance(house, Machine)
        return house.server(port)

    def wire(self, url: str = "") -> Wire:
        """Return a client on the street."""
        return Wire(url, self.street, self, self._clock)

    def _machine(self, name: str, address: str) -> Machine:
        loop = asyncio.get_running_loop()
        new = Machine(name, address, StoryClock(loop), self._image)
        self.street.houses[address] = new
        return new

    def _add(self, name: str, url: str, service: object) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = self.street.names.get(host, host)
        there = self.street.houses.get(address)
        if there is None:
            there = self.machines[f"of {name}"] = self._machine(name, address)
        assert isinstance(there, Machine)
        self.servers[name] = there.add(
            parts.port or 80,
            **{
                word: said
                for word in ("unit", "directory")
                if (said := getattr(service, word, ""))
            },
        )

    def _add_backend(self, url: str) -> None:
        address = urlsplit(url).hostname or ""
        if address not in self.backends:
            new = BackendMachine(url, self.wire())
            self.backends[address] = self.street.houses[address] = new

    def _image(self, name: str) -> bytes | None:
        return self.shelf.get(name) or upload(name)
