"""A monitor and the world it watches, both whole, in simulated time.

The monitor is wired by the daemon's own functions from settings that were
read like a user's. Only its doors are others: they lead to machines made of
the simulator's innards. Nothing here sets what a check sees.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from monitor.config.sections.hosts import Host
from monitor.config.sections.targets import Target
from monitor.daemon import machines as wiring_of_machines
from monitor.daemon import networks, servers
from monitor.daemon.canary_plans import share_of
from monitor.daemon.diagnosing import Diagnosing
from monitor.daemon.pushing import Followers
from monitor.daemon.tools import Reached, Tools
from monitor.daemon.wiring import Machine as WiredMachine
from monitor.daemon.wiring import Ours, Parts
from monitor.daemon.wiring import Server as WiredServer
from monitor.domain import fleet
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.paging import Page
from monitor.domain.health import Health
from monitor.engine.board import Board
from monitor.engine.canary_room import CanaryRoom
from monitor.engine.check import Rules
from monitor.engine.events import (
    Broke,
    Diagnosed,
    Event,
    Looked,
    Paged,
    PageEnded,
    Rewired,
)
from monitor.engine.maintenance import Book
from monitor.engine.pager import never
from monitor.engine.reported import Reports
from monitor.engine.schedule import Schedule
from monitor.engine.warmth import Warmth
from monitor.engine.watch import Watch
from monitor.ports import Told
from monitor.probes.host_notes import HostNotes
from tests.fakes.store import FakeStore
from tests.stories.simulated.backends import BackendMachine
from tests.stories.simulated.clockwork import StoryClock
from tests.stories.simulated.gates import StreetGate
from tests.stories.simulated.known import KnownImages
from tests.stories.simulated.machines import FaceFusion, Machine
from tests.stories.simulated.network import StreetNet
from tests.stories.simulated.plan import Plan
from tests.stories.simulated.settings import Document, load, one_server
from tests.stories.simulated.town import Town


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A diagnosis that took effect at a Unix time in seconds."""

    at: float
    target: str
    cause: str
    health: Health
    severity: str
    diagnosis: Diagnosis


class _Forgetful(FakeStore):
    """Keeps no looks: a day of them fills the memory."""

    @override
    async def remember(self, told: Told) -> None:
        """Forget it."""


class House:
    """A monitor that watches a town.

    `diagnoses` are all that took effect, `pages` all that began, told or
    withheld, in order. `broke` are looks that failed for a fault of ours,
    `defects` what else went wrong in the monitor: a story fails that leaves
    any.
    """

    def __init__(self, document: Document) -> None:
        self.settings = load(document)
        self.clock = StoryClock(asyncio.get_running_loop())
        self.town = Town(self.settings, self.clock)
        self.street = self.town.street
        self.store = _Forgetful()
        self.began = self.clock.now()
        self.diagnoses: list[Named] = []
        self.pages: list[Page] = []
        self.ended: list[PageEnded] = []
        self.broke: list[Broke] = []
        self.defects: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: self.defects.append(context)
        )
        self.looks = 0
        self.loop_lag = 0.0
        self.parts = Parts()
        self._wire_up()

    @property
    def server(self) -> FaceFusion:
        """The first server."""
        return next(iter(self.town.servers.values()))

    @property
    def machine(self) -> Machine:
        """The first machine."""
        return next(iter(self.town.machines.values()))

    @property
    def backend(self) -> BackendMachine:
        """The backend."""
        return next(iter(self.town.backends.values()))

    @property
    def name(self) -> str:
        """The first server's name."""
        return next(iter(self.town.servers))

    @property
    def diagnosis(self) -> Diagnosis:
        """What is thought of the first server now."""
        return self.diagnosis_of(self.name)

    @property
    def cause(self) -> str:
        """Why the first server is as it is now."""
        return self.diagnosis.cause

    @property
    def causes(self) -> list[str]:
        """Every cause that took effect, in order."""
        return [one.cause for one in self.diagnoses]

    def diagnosis_of(self, target: str) -> Diagnosis:
        """Return what is thought of a server now."""
        return self.diagnosing.ward.diagnosis(target)

    @property
    def told(self) -> list[Page]:
        """The pages that somebody was told."""
        return [page for page in self.pages if page.is_told]

    def since(self, at: float) -> list[Named]:
        """Return the diagnoses that took effect after a Unix time."""
        return [one for one in self.diagnoses if one.at > at]

    def look_at(self, check: str, target: str = "") -> str:
        """Return what a check saw last, as a sentence for who debugs."""
        for entry in self.board.entries():
            key = entry.check.key
            if key.check == check and target in {"", key.subject}:
                seen = entry.seen
                words = "nothing" if seen is None else seen.because
                return f"{entry.track.health}: {words}"
        return "no such check"

    async def pass_time(self, seconds: float) -> None:
        """Let everything live on for so long."""
        await asyncio.sleep(seconds)

    async def until(
        self, cause: str, *, within: float, target: str = ""
    ) -> float:
        """Wait for a diagnosis; return the seconds that it took."""
        begun = self.clock.monotonic()
        while self.diagnosis_of(target or self.name).cause != cause:
            if self.clock.monotonic() - begun > within:
                held = self.diagnosis_of(target or self.name)
                raise AssertionError(
                    f"{held.cause} instead of {cause} after {within:g} s:"
                    f" {held.because}"
                )
            await asyncio.sleep(0.5)
        return self.clock.monotonic() - begun

    async def open(self) -> None:
        """Begin to watch."""
        await self.book.restore()
        self._put()
        await self.diagnosing.start(self.plan)
        for check in self.parts.checks():
            self.schedule.add(check)
        self.followers.put(self.parts)

    def reload(self, document: Document) -> None:
        """Put other settings in force, as `daemon/reload.py` does.

        The machines must be the same.
        """
        self.settings = load(document)
        self.parts = self._parts(self.parts)
        known = {entry.check.key for entry in self.board.entries()}
        rewired = self._put()
        gone = set(rewired.checks)
        for key in gone:
            self.schedule.remove(key)
        self._tell(rewired)
        for check in self.parts.checks():
            if check.key in gone or check.key not in known:
                self.schedule.add(check)
        self.followers.put(self.parts)

    def _put(self) -> Rewired:
        self.canaries.furnish(map(share_of, self.settings.targets))
        return self.board.rewire(
            map(servers.facts, self.settings.targets),
            [fleet.Host(name=name) for name in self.parts.machines],
            self.parts.checks(),
        )

    async def close(self) -> None:
        """Watch no more."""
        self.plan.stop()
        await self.followers.close()
        await self.diagnosing.close(1.0)
        self.images.close()
        for one in self.town.servers.values():
            one.server.cut()
        mine = asyncio.current_task()
        rest = [t for t in asyncio.all_tasks() if t is not mine]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _tell(self, event: Event) -> None:
        match event:
            case Looked():
                self.looks += 1
            case Broke():
                self.broke.append(event)
            case Diagnosed():
                self.diagnoses.append(_named(event))
            case Paged():
                self.pages.append(event.page)
            case PageEnded():
                self.ended.append(event)
            case _:
                pass
        self.canaries.heard(event)
        self.diagnosing.heard(event)

    def _wire_up(self) -> None:
        """Put it together as `daemon/works.py` does."""
        self.images = KnownImages()
        self.net = StreetNet(self.street, self.town)
        self.board = board = Board([], [], [])
        self.book = Book(
            clock=self.clock,
            store=self.store,
            targets=lambda: board.targets,
            hosts=lambda: board.hosts,
        )
        self.canaries = CanaryRoom(
            clock=self.clock,
            board=board,
            warmth=Warmth(),
            planned=self.book.covers,
        )
        self.watch = Watch(
            clock=self.clock,
            board=board,
            store=self.store,
            tell=self._tell,
            rules=Rules(hold=self.canaries.gate, planned=self.book.covers),
        )
        self.plan = Plan(self.clock)
        self.schedule = Schedule(self.plan, self.clock, self.watch)
        self.followers = Followers(Reports(self.schedule, board, self._tell))
        self.diagnosing = Diagnosing(
            clock=self.clock,
            board=board,
            store=self.store,
            book=self.book,
            tell=self._tell,
            soon=self.schedule.soon,
            lag=lambda: self.loop_lag,
            changing=never,
        )
        self.parts = self._parts(self.parts)

    def _parts(self, held: Parts) -> Parts:
        """Wire as `daemon/wiring.py` does, with doors to the street."""
        known = {h.name: self._machine(h, held) for h in self.settings.hosts}
        reached = {name: one.reached for name, one in known.items()}
        tools = self._tools(reached)
        return Parts(
            machines=known,
            servers={
                target.name: self._server(target, tools, held)
                for target in self.settings.targets
            },
            ours=held.ours or tuple(self._ours()),
        )

    def _server(
        self, target: Target, tools: Tools, held: Parts
    ) -> WiredServer:
        old = held.servers.get(target.name)
        if old is not None and old.settings == target:
            return old
        return WiredServer(
            settings=target,
            reached=tools.hosts.get(target.host or ""),
            public_url=tools.public_url,
            wired=servers.wire(target, tools, self.town.wire),
        )

    def _ours(self) -> Iterator[Ours]:
        check = networks.control_check(self.settings, self.clock, self.net)
        if check is not None:
            addresses = self.settings.control_addresses
            yield Ours(addresses=addresses, check=check)

    def _machine(self, host: Host, held: Parts) -> WiredMachine:
        old = held.machines.get(host.name)
        if old is not None and old.settings == host:
            return old
        shell = wiring_of_machines.ssh_host(host, self.clock)
        machine = self.town.machines[host.name]
        gate = StreetGate(shell, self.clock, self.street, machine)
        notes, clock = HostNotes(), self.clock
        smi = wiring_of_machines.nvidia_smi(shell, gate)
        return WiredMachine(
            settings=host,
            files=b"",
            shell=shell,
            gate=gate,
            hand=None,
            notes=notes,
            checks=(
                wiring_of_machines.gpu_check(host, smi, notes, clock),
                wiring_of_machines.host_check(host, gate, notes, clock),
            ),
        )

    def _tools(self, reached: dict[str, Reached]) -> Tools:
        return Tools(
            clock=self.clock,
            hosts=reached,
            shelf=self.town.shelf,
            images=self.images,
            public_url="http://192.0.2.1:10777",
            net=self.net,
            around=self.canaries.around,
            on_step=lambda _: None,
        )


def _named(event: Diagnosed) -> Named:
    after = event.after
    return Named(
        at=after.at,
        target=event.target,
        cause=after.cause,
        health=after.health,
        severity=after.severity.value,
        diagnosis=after,
    )


async def opened(document: Document | None = None) -> House:
    """Return a house that watches, of one server or of these settings."""
    house = House(document or one_server())
    await house.open()
    return house
