"""What is true of a simulated machine at a moment, behind all its doors."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.simulator.machine import lines
from monitor.simulator.machine.clock import Clock, right_clock
from monitor.simulator.machine.doors import Where
from monitor.simulator.machine.happenings import Happening, Happenings
from monitor.simulator.machine.journal import Journal
from monitor.simulator.machine.life import Life
from monitor.simulator.machine.pids import Pids
from monitor.simulator.machine.process import (
    STOPPED,
    TICKS,
    End,
    Process,
    Service,
)
from monitor.simulator.nvidia_smi.card import Occupant

UNIT = "facefusion.service"
DIRECTORY = "/opt/facefusion"
"""Where FaceFusion is, as the machine says. No such folder is ever opened."""

_BOOTED = 9 * 86_400.0
_SERVED = 3600.0
"""Seconds that machine and FaceFusion had been up when we first looked."""
_BOOTING = 21.0
_STRANGER_MIB = 1536


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What FaceFusion does: see `jobs.Jobs`. `seconds`: the present job's.

    `on_cpu`: it works on the CPU, and the GPUs know nothing of it.
    """

    running: str = ""
    seconds: float = 0.0
    busy: float = 0.0
    waiting: int = 0
    done: int = 0
    failed: int = 0
    on_cpu: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """One life of the machine, since the Unix time `at`."""

    id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """An nvidia-smi that waits in the kernel since the Unix time `since`."""

    pid: int
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A job that was running when its process ended; a Unix time."""

    id: str
    updated_at: float


class World:
    """The kernel, the FaceFusion unit and the logs of one machine.

    `doing` tells what the jobs do, `now` the machine's time. Safe to use from
    any thread; what a reader gets is frozen.
    """

    def __init__(
        self,
        host: str,
        doing: Callable[[], Doing],
        clock: Clock = right_clock,
    ) -> None:
        now = clock()
        self.now = clock
        self.doing = doing
        self.host = host
        self.kernel = Journal(f"kernel-{host}")
        self.log = Journal(f"facefusion-{host}")
        self.happenings = Happenings()
        self.port = 0
        self.stuck: Stuck | None = None
        self.orphan: Orphan | None = None
        self.listens: Where = "everywhere"
        self.is_suspended = False
        self.port_holder: Occupant | None = None
        """Another program that has FaceFusion's port."""
        self.life = Life(self)
        self.service = Service()
        self._is_ours_stuck = False
        self._lock = threading.RLock()
        self._pids = Pids(host)
        self.boot = _boot(host, now - _BOOTED)
        self.stranger = self._foreign()
        self.start(now - _SERVED)

    def start(self, now: float) -> None:
        """Start FaceFusion; while it runs this does nothing.

        Where it does not listen for others, that is not told.
        """
        with self._lock:
            if self.service.process is not None:
                return
            process = Process(
                pid=self._pids.take(),
                started_at=now,
                start_ticks=round((now - self.boot.at) * TICKS),
                busy_before=self.doing().busy,
            )
            self.service = self.service.started(process, now)
            self.orphan = None
            self._greet(now)
            self._tell("started", process, now)
            if self.listens == "everywhere":
                self._tell("listener_back", process, now)

    def start_again(self, now: float) -> None:
        """Start FaceFusion as systemd does after an end that it saw."""
        with self._lock:
            count = self.service.restarts + 1
            self.service = replace(self.service, restarts=count)
            self.start(now)

    def end(self, how: End, now: float, *, again: bool = False) -> None:
        """End FaceFusion; after its end this does nothing.

        `again`: systemd will start it again.
        """
        with self._lock:
            process = self.service.process
            if process is None:
                return
            self.orphan = self._left_behind(now)
            self.service = self.service.over(how, now, again=again)
            self._mourn(how, now)
            self._tell("exit", process, now)
            if self.listens == "everywhere":
                self._tell("listener_lost", process, now)

    def listen(self, at: "Where", now: float) -> None:
        """Let FaceFusion listen there, and tell those who watch its port."""
        with self._lock:
            before, self.listens = self.listens, at
            process = self.service.process
            if process is None or (before == at):
                return
            if at == "everywhere":
                self.log.add(now, self._address())
                self._tell("listener_back", process, now)
            elif before == "everywhere":
                self._tell("listener_lost", process, now)

    def reboot(self, now: float) -> None:
        """Begin a new life of the machine, FaceFusion not yet started."""
        with self._lock:
            self.kernel.clear()
            self.boot = _boot(self.host, now - _BOOTING)
            self.stranger = self._foreign()

    def hang(self, now: float) -> None:
        """Let an nvidia-smi get stuck in the kernel, where none is yet."""
        with self._lock:
            if self.stuck is None:
                self.stuck = Stuck(pid=self._pids.take(), since=now)

    def unhang(self) -> None:
        """Let the kernel answer the nvidia-smi that waits for it."""
        self.stuck = None
        self._is_ours_stuck = False

    def get_stuck(self) -> bool:
        """Let our own nvidia-smi wait too; return False if it does already."""
        with self._lock:
            was, self._is_ours_stuck = self._is_ours_stuck, True
            return not was

    def _foreign(self) -> Occupant:
        """Return a process of somebody else that holds GPU memory."""
        return Occupant(
            pid=self._pids.take(),
            name="/srv/render/venv/bin/python render_queue.py",
            mib=_STRANGER_MIB,
        )

    def _left_behind(self, now: float) -> Orphan | None:
        doing = self.doing()
        if not doing.running:
            return None
        at = now - doing.seconds
        day = time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime(at))
        return Orphan(id=f"api-{day}", updated_at=at)

    def _greet(self, now: float) -> None:
        self.log.add(now, lines.STARTED)
        if self.listens == "everywhere":
            self.log.add(now, self._address())

    def _address(self) -> str:
        where = f"http://127.0.0.1:{self.port}" if self.port else "its port"
        return f"* Running on local URL:  {where}"

    def _mourn(self, how: End, now: float) -> None:
        if how is not STOPPED:
            for text in lines.unit_ended(UNIT, how):
                self.log.add(now, text)

    def _tell(self, event: str, process: Process, now: float) -> None:
        self.happenings.tell(
            Happening(
                event=event,
                pid=process.pid,
                started_at=process.started_at,
                at=now,
            )
        )


def _boot(host: str, at: float) -> Boot:
    name = uuid.uuid5(uuid.NAMESPACE_DNS, f"{at:.3f}.{host}")
    return Boot(id=str(name), at=at)
