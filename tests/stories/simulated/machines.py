"""Simulated machines: the simulator's innards behind doors of the street."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from monitor.simulator.api import create_api
from monitor.simulator.broken_http import BrokenHttp
from monitor.simulator.cors import Cors
from monitor.simulator.faults import Faults
from monitor.simulator.gate.verbs import Reply, Verbs
from monitor.simulator.gate.watching import Watching
from monitor.simulator.inside import Inside
from monitor.simulator.machine.doors import SILENT, TURNING, is_shut
from monitor.simulator.machine.effects import RESTARTED
from monitor.simulator.machine.world import DIRECTORY, UNIT
from monitor.simulator.worker import Worker
from tests.stories.simulated.clockwork import StoryClock
from tests.stories.simulated.files import Disk, DiskPlaces
from tests.stories.simulated.known import KnownSmi, aside
from tests.stories.simulated.wires import Server

SSH = 22
_NOWHERE = Path("/nowhere")
USER = "ffmon"
Request = Mapping[str, object]
Shelf = Callable[[str], bytes | None]


class FaceFusion:
    """One FaceFusion on a machine: its jobs, its process, its HTTP port.

    `unit` and `directory` are what the monitor's settings call it.
    """

    def __init__(
        self, machine: "Machine", port: int, *, unit: str, directory: str
    ) -> None:
        self.port = port
        self.unit = unit
        self.directory = directory
        self.faults = Faults(self._changed)
        self._machine = machine
        self.inside = Inside(
            machine.name if unit == UNIT else f"{machine.name}-{unit}",
            self.faults,
            gpus=machine.gpus,
            speed=1.0,
            durations=None,
            clock=machine.clock.now,
            cut=machine.cut,
            monotonic=machine.clock.monotonic,
            tool=KnownSmi,
        )
        self.inside.world.port = port
        self.server = Server(self._app())

    @property
    def url(self) -> str:
        """Where users reach it."""
        scheme = "http" if self.server.certificate is None else "https"
        return f"{scheme}://{self._machine.address}:{self.port}"

    @property
    def listens(self) -> bool:
        """Whether others reach its port."""
        return not is_shut(self.faults)

    def _app(self) -> BrokenHttp:
        machine = self._machine
        places = DiskPlaces(machine.disk, lambda: self.url, machine.shelf)
        worker = Worker(self.faults, places, aside)
        api = create_api(self.inside.jobs, places, worker)
        return BrokenHttp(Cors(api, self.faults), self.faults)

    def _changed(self, name: str) -> None:
        if name in {*TURNING, *RESTARTED, *SILENT}:
            self.server.cut()
        self.inside.changed(name)
        self._machine.changed(name, self)


class Machine:
    """A GPU machine at an address, with sshd, a gate and FaceFusions.

    `shelf` returns the images that the monitor serves. `refuses_ssh` is
    empty, or the reason why sshd turns us away (auth, host_key).
    """

    def __init__(
        self,
        name: str,
        address: str,
        clock: StoryClock,
        shelf: Shelf,
        gpus: int = 2,
    ) -> None:
        self.name = name
        self.address = address
        self.clock = clock
        self.shelf = shelf
        self.gpus = gpus
        self.disk = Disk(clock.now)
        self.refuses_ssh = ""
        self.is_off = False
        self.lines: list[Callable[[], None]] = []
        """What to call when all connections are dropped."""
        self.facefusions: list[FaceFusion] = []
        self._verbs: list[Verbs] = []

    def add(
        self, port: int, *, unit: str = UNIT, directory: str = DIRECTORY
    ) -> FaceFusion:
        """Start one more FaceFusion."""
        new = FaceFusion(self, port, unit=unit, directory=directory)
        self.facefusions.append(new)
        site = new.inside.site(canaries=_NOWHERE, root=_NOWHERE)
        unwatched = Watching(new.inside.world, lambda _: None)
        self._verbs.append(Verbs(site, USER, unwatched))
        return new

    @property
    def first(self) -> FaceFusion:
        """The one whose faults are those of the machine, too."""
        return self.facefusions[0]

    @property
    def is_up(self) -> bool:
        """Whether it is switched on and has booted."""
        return not (self.is_off or self.first.faults.is_on("rebooting"))

    def listens(self, port: int) -> bool:
        """Return whether it takes connections from others there."""
        if port == SSH:
            return not self.first.faults.is_on("ssh_down")
        return any(f.port == port and f.listens for f in self.facefusions)

    def server(self, port: int) -> Server:
        """Return what serves a port that listens."""
        return next(f.server for f in self.facefusions if f.port == port)

    def changed(self, name: str, by: FaceFusion) -> None:
        """Let the machine's faults be every FaceFusion's on it."""
        if by is not self.first:
            return
        if name == "rebooting":
            for other in self.facefusions[1:]:
                switch = other.faults
                if by.faults.is_on(name):
                    switch.switch_on(name)
                else:
                    switch.switch_off(name)
        if name in {"ssh_down", "rebooting"}:
            self.cut()

    def cut(self) -> None:
        """Drop every connection."""
        for one in self.facefusions:
            one.server.cut()
        for lost in tuple(self.lines):
            lost()

    def answer(self, request: Request) -> Reply:
        """Answer what a client asks the gate. Raises `Refused`."""
        who = self._asked_about(request)
        return self._verbs[who].answer(_in_its_words(request))

    def watch(
        self, services: Sequence[Request], tell: Callable[[Request], None]
    ) -> Callable[[], None]:
        """Tell what happens to services; return what ends it."""
        ends = []
        for one in self.facefusions:
            mine = [s for s in services if s.get("unit") == one.unit]
            watching = Watching(one.inside.world, tell)
            watching.watch([{**s, "unit": UNIT} for s in mine])
            ends.append(watching.end)

        def end() -> None:
            for one in ends:
                one()

        return end

    def _asked_about(self, request: Request) -> int:
        """Return which FaceFusion a request is about, 0 for the machine."""
        parts = request.get("parts")
        if not isinstance(parts, Mapping):
            return 0
        for question in parts.values():
            for index, one in enumerate(self.facefusions):
                named = question.get("unit") or question.get("directory", "")
                if named in {
                    one.unit,
                    one.directory,
                    f"{one.directory}/.jobs",
                }:
                    return index
        return 0


def _in_its_words(request: Request) -> Request:
    """Name the one unit and folder that a simulated machine knows."""
    parts = request.get("parts")
    if not isinstance(parts, Mapping):
        return request
    known = {
        name: {**question, "unit": UNIT} if question.get("unit") else question
        for name, question in parts.items()
    }
    return {**request, "parts": known}
