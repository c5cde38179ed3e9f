"""The one GPU that does the jobs: one after another, each in its time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from monitor.domain.errors import MonitorError
from monitor.simulator.faults import Faults
from monitor.simulator.stopwatch import Stopwatch

RTX_3090 = {
    "gfpgan_1.4": 1.2,
    "codeformer": 2.4,
    "restoreformer_plus_plus": 3.8,
    "age": 2.4,
    "swap": 3.4,
}
"""Seconds a job takes, inside the guide's benchmark ranges.

Enhance jobs are named by their model.
"""
_QUEUE = 100
_USERS = "codeformer"
"""What simulated users have done."""
USERS = ("busy", "video")
"""The faults under which they are there."""
_SLOWED = (
    "slow",
    "thermal_throttle",
    "cpu_fallback",
    "second_user",
    "host_overloaded",
)
"""The faults whose number says how many times as long a job takes."""


class QueueFull(Exception):
    """More jobs wait than a server would take."""


class JobFailed(MonitorError):
    """A job that the machine could not do."""


Heard = Callable[[float, str], None]
"""Told how many seconds a job took, and why it failed, empty if it did not."""

_BROKEN = {
    "out_of_memory": "cannot do the job: Failed to allocate memory for"
    " requested buffer of size 536870912 (simulated)",
    "disk_full": "cannot write the output: no space left on the device",
    "cuda_fault": "cannot do the job: CUDA failure 700: an illegal memory"
    " access was encountered (simulated)",
    "gpu_reset_required": "cannot do the job: CUDA failure 46: the simulated"
    " GPU is not available",
}


class Jobs:
    """Runs jobs one after another and holds each to its duration.

    `speed` multiplies every duration: 0.1 is ten times as fast. `durations`
    replaces seconds of `RTX_3090` before that. `heard` is told of each job
    when it has ended. `monotonic` is the clock that jobs are timed by.
    """

    def __init__(
        self,
        faults: Faults,
        *,
        speed: float = 1.0,
        durations: Mapping[str, float] | None = None,
        heard: Heard = lambda _, __: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._faults = faults
        self._heard = heard
        self._speed = speed
        self._durations = {**RTX_3090, **(durations or {})}
        self._turn = asyncio.Lock()
        self._busy = 0.0
        self._started: float | None = None
        self._loaded: set[str] = set()
        self._monotonic = monotonic
        self._users = Stopwatch(monotonic)
        self.running = ""
        self.waiting = 0
        self.done = 0
        self.failed = 0

    def duration(self, kind: str) -> float:
        """Return the seconds that a job takes now."""
        slowness = math.prod(self._faults.value(one, 1.0) for one in _SLOWED)
        work = self._durations[kind] * self._speed * slowness
        loaded = kind in self._loaded
        return work if loaded else work + self._faults.value("cold", 0.0)

    def restart(self) -> None:
        """Forget the loaded models, as a process does that ends."""
        self._loaded.clear()

    def users(self, *, are_here: bool) -> None:
        """Let simulated users keep the GPU busy, or leave."""
        self._users.run(is_on=are_here)

    def queue_size(self) -> int:
        """Return how many jobs wait, those of simulated users included."""
        return self.waiting + int(self._faults.value("busy", 0.0))

    def on_gpu(self) -> str:
        """Return what the GPU works on, empty when on nothing."""
        users_are_here = any(map(self._faults.is_on, USERS))
        return self.running or (_USERS if users_are_here else "")

    def busy_seconds(self) -> float:
        """Return for how long the GPU has worked since the host is there.

        Users and we share it; the time in which both did counts twice.
        """
        return self._busy + self.job_seconds() + self._users.seconds()

    def job_seconds(self) -> float:
        """Return for how long the present job runs, 0 without one."""
        started = self._started
        return 0.0 if started is None else self._monotonic() - started

    async def run(
        self, kind: str, work: Callable[[], Awaitable[str | None]]
    ) -> tuple[str | None, float]:
        """Return what the work returned, and the seconds it took.

        The time counts from now, or from when the job before it ended.
        Raises `QueueFull` and `JobFailed`.
        """
        if self.waiting >= _QUEUE:
            raise QueueFull
        asked, idle = self._monotonic(), not self._turn.locked()
        async with self._my_turn():
            started = asked if idle else self._monotonic()
            try:
                output = await self._hold(kind, started, work)
            except JobFailed as failure:
                self.failed += 1
                self._heard(self._monotonic() - started, str(failure))
                raise
            took = self._monotonic() - started
            self._heard(took, "")
            return output, took

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        self.waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def _hold(
        self,
        kind: str,
        started: float,
        work: Callable[[], Awaitable[str | None]],
    ) -> str | None:
        self.running, self._started = kind, started
        ends = started + self.duration(kind)
        try:
            self._check()
            output = await work()
            await asyncio.sleep(max(0.0, ends - self._monotonic()))
        finally:
            self._busy += self._monotonic() - started
            self.running, self._started = "", None
        self.done += 1
        self._loaded.add(kind)
        return output

    def _check(self) -> None:
        for name, because in _BROKEN.items():
            if self._faults.is_on(name):
                raise JobFailed(because)
