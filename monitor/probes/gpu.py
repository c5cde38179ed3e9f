"""Looks at the GPUs of a host through nvidia-smi.

Down when the host cannot be looked at or no GPU is left to work with;
degraded when one of several is sick, or one complains but works. Where an
nvidia-smi hangs none is started: the look then says so without touching the
driver, and the values of the GPUs end.
"""

import asyncio
from dataclasses import replace

from monitor.domain.errors import CannotReach
from monitor.domain.gpu.evidence import NOTHING, blamed, hanging, settle
from monitor.domain.gpu.faults import complete
from monitor.domain.gpu.guard import (
    Guard,
    Held,
    Scene,
    ask,
    came_back,
    hung,
)
from monitor.domain.gpu.inventory import Inventory, learn
from monitor.domain.gpu.owners import owners
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.gpu.verdict import Verdict, judge
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading
from monitor.domain.nvidia_smi import Told, interpret
from monitor.domain.nvidia_smi.codes import BUSY, is_hang
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, NvidiaSmi, Ran
from monitor.probes.host_notes import HostNotes

FRESH = 120.0
"""Seconds for which notes about processes count; a look at a machine or a
service comes every 30 s."""
_LONG = 256 * 1024
"""Answers above this many bytes are parsed in a thread: 1 MB takes longer
than the 10 ms for which the event loop may be held."""

_Seen = tuple[GpuReading | None, Verdict]


class GpuProbe:
    """One host's GPUs, and the memory of which ones it had."""

    def __init__(  # noqa: PLR0913 - what it asks for, and its doors
        self,
        key: CheckKey,
        smi: NvidiaSmi,
        clock: Clock,
        notes: HostNotes,
        *,
        within: float,
        interval: float,
    ) -> None:
        self._key = key
        self._smi = smi
        self._clock = clock
        self._notes = notes
        self._within = within
        self._interval = interval
        self._known: Inventory = ()
        self._guard = Guard()
        self._aftermath = NOTHING
        self._last: tuple[GpuReading, float] | None = None

    async def look(self) -> Observation:
        """Run nvidia-smi at most once; never raises for what a host does."""
        at, started = self._clock.now(), self._clock.monotonic()
        reading, verdict = await self._seen(at)
        return Observation(
            key=self._key,
            probe="gpu",
            at=at,
            duration=self._clock.monotonic() - started,
            health=verdict.health,
            because=verdict.because,
            reason=verdict.reason,
            reading=reading,
        )

    async def _seen(self, at: float) -> _Seen:
        kernel = self._notes.kernel
        held = self._held(kernel, at)
        if held is not None:
            return self._without_asking(held, kernel, at)
        try:
            ran = await self._smi.collect(within=self._within)
        except CannotReach as failed:
            if failed.reason == "timeout":
                self._hung(str(failed), line=True)
            return None, _failed(failed.reason, str(failed))
        except asyncio.CancelledError:
            self._hung("nvidia-smi was given up")
            raise
        told = await _told(ran)
        self._ended(ran.code)
        return self._judged(told, kernel, at)

    def _held(self, kernel: KernelReading | None, at: float) -> Held | None:
        """Ask the guard, with what the kernel and earlier answers say."""
        offset = self._notes.clock_offset
        if self._last is not None and offset is not None:
            reading, taken = self._last
            self._aftermath = settle(
                self._aftermath, reading, kernel, until=taken + offset
            )
        scene = Scene(
            boot_id=self._notes.boot_id,
            drivers=self._notes.drivers,
            drivers_at=self._notes.drivers_at,
            dead=hanging(kernel, self._aftermath),
        )
        self._guard, held = ask(
            self._guard, scene, now=at, interval=self._interval
        )
        return held

    def _without_asking(
        self, held: Held, kernel: KernelReading | None, at: float
    ) -> _Seen:
        if not held.wedged:
            reason = "gpu_wedged" if self._guard.waiting else "timeout"
            return None, _unknown(reason, held.because)
        fault = GpuFault(fault="gpu_wedged", because=held.because)
        reading = self._complete(GpuReading(faults=(fault,)), kernel, at)
        verdict = judge(reading)
        if not held.sure:
            verdict = replace(verdict, health=Health.UNKNOWN)
        return reading, verdict

    def _judged(
        self, told: Told, kernel: KernelReading | None, at: float
    ) -> _Seen:
        if told.reason and not self._is_explained(told, kernel):
            return told.reading, _failed(told.reason, told.because)
        reading = self._complete(told.reading, kernel, at)
        self._aftermath = settle(self._aftermath, told.reading, kernel)
        self._known = learn(self._known, reading)
        if reading.gpus:
            self._last = told.reading, at
        return reading, judge(reading)

    def _is_explained(self, told: Told, kernel: KernelReading | None) -> bool:
        """Whether the kernel knows why nvidia-smi failed without a word."""
        faults = blamed(told.reading, kernel, self._aftermath)
        return told.reason == "failed" and any(faults)

    def _complete(
        self, reading: GpuReading, kernel: KernelReading | None, at: float
    ) -> GpuReading:
        notes = self._notes
        seen_at = notes.drivers_at
        fresh = seen_at is not None and 0 <= at - seen_at <= FRESH
        return complete(
            replace(
                reading,
                owners=owners(
                    reading.gpus, lambda pid: notes.owner(pid, at, FRESH)
                ),
            ),
            self._known,
            kernel,
            self._aftermath,
            notes.gpus_on_bus if fresh else None,
        )

    def _ended(self, code: int) -> None:
        if code == BUSY:
            self._hung("an earlier nvidia-smi still hangs")
        elif is_hang(code):
            self._hung("nvidia-smi did not end in time")
        else:
            self._guard = came_back(self._guard)

    def _hung(self, why: str, *, line: bool = False) -> None:
        now = self._clock.now()
        self._guard = hung(self._guard, now=now, why=why, line=line)


async def _told(ran: Ran) -> Told:
    if len(ran.stdout) <= _LONG:
        return _interpret(ran)
    return await asyncio.to_thread(_interpret, ran)


def _interpret(ran: Ran) -> Told:
    return interpret(code=ran.code, stdout=ran.stdout, stderr=ran.stderr)


def _failed(reason: str, because: str) -> Verdict:
    return Verdict(health=Health.UNHEALTHY, because=because, reason=reason)


def _unknown(reason: str, because: str) -> Verdict:
    return Verdict(health=Health.UNKNOWN, because=because, reason=reason)
