"""The network between the monitor and its servers, and what ails it."""

import asyncio
import errno
import socket
from collections.abc import Mapping
from typing import Literal, Protocol

Outcome = Literal["open", "refused", "timeout", "unreachable", "resolve"]
Firewall = Literal["drop", "reject", "prohibit"]
"""Without a word, with a reset, with "administratively prohibited"."""
Ping = Literal["answered", "lost", "patchy"]

CONTROL = ("192.0.2.53", 53)
"""An address that always answers, while our own network is there."""
ROUND_TRIP = 0.0004
_FILTERED: Mapping[Firewall, Outcome] = {
    "drop": "timeout",
    "reject": "refused",
    "prohibit": "unreachable",
}


class House(Protocol):
    """A machine at an address."""

    @property
    def is_up(self) -> bool:
        """Whether it is switched on and has booted."""
        ...

    def listens(self, port: int) -> bool:
        """Return whether it takes connections from others there."""
        ...


class Street:
    """Machines by their address, and what is between us and them.

    Nothing here sets what a check sees: the checks find out for themselves.
    """

    def __init__(self) -> None:
        self.houses: dict[str, House] = {}
        self.names: dict[str, str] = {}
        """Addresses of names, for URLs that have one."""
        self.round_trip = ROUND_TRIP
        self.may_ping = True
        self.is_gone = False
        """Our own network: nobody can be reached at all."""
        self.control: set[tuple[str, int]] = {CONTROL}
        self._cables: set[str] = set()
        self._walls: dict[tuple[str, int], Firewall] = {}
        self._pings: dict[str, Ping] = {}

    def pull_cable(self, address: str) -> None:
        """Cut a machine off from everybody."""
        self._cables.add(address)

    def plug_cable(self, address: str) -> None:
        """Connect it again."""
        self._cables.discard(address)

    def firewall(
        self, address: str, port: int, does: Firewall = "drop"
    ) -> None:
        """Filter what goes to a port from here."""
        self._walls[address, port] = does

    def no_firewall(self, address: str, port: int) -> None:
        """Let everything through again."""
        self._walls.pop((address, port), None)

    def ping_is(self, address: str, does: Ping) -> None:
        """Let pings to a machine be answered, all lost, or some of them."""
        self._pings[address] = does

    def way(self, host: str, port: int) -> Outcome:
        """Return what a connection attempt to a port comes to."""
        address = self.names.get(host, host)
        if self.is_gone:
            return "timeout"
        if (address, port) in self.control:
            return "open"
        house = self.houses.get(address)
        if house is None:
            return "unreachable" if address[0].isdigit() else "resolve"
        if address in self._cables or not house.is_up:
            return "timeout"
        if wall := self._walls.get((address, port)):
            return _FILTERED[wall]
        return "open" if house.listens(port) else "refused"

    def pinged(self, host: str) -> Ping:
        """Return what becomes of pings."""
        address = self.names.get(host, host)
        house = self.houses.get(address)
        gone = self.is_gone or address in self._cables
        if gone or house is None or not house.is_up:
            return "lost"
        return self._pings.get(address, "answered")

    async def reach(self, host: str, port: int) -> None:
        """Connect, or raise what a socket would; may wait for ever.

        A lost SYN is sent again after 1, 3, 7… s (RFC 6298).
        """
        pause = 1.0
        while (way := self.way(host, port)) == "timeout":
            await asyncio.sleep(pause)
            pause *= 2
        match way:
            case "open":
                return
            case "refused":
                raise ConnectionRefusedError(
                    errno.ECONNREFUSED, "Connection refused"
                )
            case "unreachable":
                raise OSError(errno.EHOSTUNREACH, "No route to host")
            case "resolve":
                raise socket.gaierror(-2, "Name or service not known")
