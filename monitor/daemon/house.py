"""The composition root: settings become probes, checks and a board."""

from collections.abc import Callable, Sequence

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.clock import SystemClock
from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.images import PillowImages
from monitor.adapters.net.system import SystemNet
from monitor.adapters.ssh.host import SshHost
from monitor.config import Settings
from monitor.daemon import servers
from monitor.daemon.canary_plans import share_of
from monitor.daemon.hands import REBOOTS, key_of
from monitor.daemon.tools import Tools
from monitor.daemon.wiring import Machine, Parts, Server, wire
from monitor.domain.fleet import Host
from monitor.domain.observation import CheckKey
from monitor.domain.recovery.words import Action
from monitor.engine.board import Board
from monitor.engine.canary_room import CanaryRoom
from monitor.engine.check import Check, never_planned
from monitor.engine.events import Rewired
from monitor.engine.warmth import Warmth


class House:
    """Everything that watches, wired and not yet running.

    `on_step` hears what a canary is doing. `planned` says whether a check
    falls into maintenance. Without `lasting` it is for a single look: then
    no first run counts as a cold one.
    """

    def __init__(
        self,
        *,
        on_step: Callable[[str], None] = lambda _: None,
        planned: Callable[[CheckKey], bool] = never_planned,
        lasting: bool = True,
    ) -> None:
        self.clock = SystemClock()
        self.shelf = MemoryShelf(self.clock)
        self.images = PillowImages()
        self.net = SystemNet()
        self.board = Board([], [], [])
        self.parts = Parts()
        self.canaries = CanaryRoom(
            clock=self.clock,
            board=self.board,
            warmth=Warmth(at_first=lasting),
            planned=planned,
        )
        self._on_step = on_step

    @property
    def checks(self) -> Sequence[Check]:
        """Every check, as the board has them."""
        return [entry.check for entry in self.board.entries()]

    @property
    def hosts(self) -> Sequence[SshHost]:
        """The connections to the machines."""
        return [one.shell for one in self.parts.machines.values()]

    def hand(self, host: str, action: Action) -> RemoteHand | None:
        """Return the hand on a machine, None where no key may do this."""
        machine = self.parts.machines.get(host)
        if machine is None:
            return None
        is_reboot = key_of(action) == REBOOTS
        return machine.reboot_hand if is_reboot else machine.hand

    def plan(self, settings: Settings, *, public_url: str) -> Parts:
        """Return what these settings come to; nothing changes yet.

        `public_url` is where servers reach us, for canary files by URL.
        Raises `ConfigurationError`.
        """
        tools = Tools(
            clock=self.clock,
            hosts={},
            shelf=self.shelf,
            images=self.images,
            public_url=public_url,
            net=self.net,
            around=self.canaries.around,
            on_step=self._on_step,
        )
        return wire(settings, tools, self.parts)

    def put(self, parts: Parts) -> tuple[Rewired, "Leaving"]:
        """Put other parts on the board; return what is gone from it."""
        before, self.parts = self.parts, parts
        settings = [server.settings for server in parts.servers.values()]
        self.canaries.furnish(map(share_of, settings))
        rewired = self.board.rewire(
            map(servers.facts, settings),
            [Host(name=name) for name in parts.machines],
            parts.checks(),
        )
        return rewired, Leaving(before, parts)

    async def close(self) -> None:
        """Close every connection."""
        await Leaving(self.parts, Parts()).close()
        self.images.close()


class Leaving:
    """Parts that are not watched any more, to be closed when idle."""

    def __init__(self, before: Parts, after: Parts) -> None:
        kept_shells = {id(m.shell) for m in after.machines.values()}
        kept_servers = {id(s) for s in after.servers.values()}
        self._machines: list[Machine] = [
            m
            for m in before.machines.values()
            if id(m.shell) not in kept_shells
        ]
        self._servers: list[Server] = [
            s for s in before.servers.values() if id(s) not in kept_servers
        ]

    async def close(self) -> None:
        """Close their connections; looks under way fail."""
        for server in self._servers:
            await server.wired.close()
        for machine in self._machines:
            await machine.close()


def build(
    settings: Settings,
    *,
    public_url: str = "",
    on_step: Callable[[str], None] = lambda _: None,
) -> House:
    """Wire a house for a single look; nothing is sent before that.

    Raises `ConfigurationError`.
    """
    house = House(on_step=on_step, lasting=False)
    house.put(house.plan(settings, public_url=public_url))
    return house
