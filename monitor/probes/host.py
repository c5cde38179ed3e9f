"""Looks at a machine itself: boot, load, memory, disks, the kernel's log.

DOWN: a watched disk is full, or the machine cannot be reached. DEGRADED: a
wedged driver, memory or load beyond what FaceFusion can work with, a disk
that fills up, a kill by the kernel in the last ten minutes. What cannot be
seen is told and is no fault.
"""

import asyncio
from collections.abc import Mapping, Sequence

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.kernel import memory as kernel_memory
from monitor.domain.kernel.event import KernelReading
from monitor.domain.kernel.memory import KernelMemory
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.boots import Boot, follow
from monitor.domain.machine.judgement import judge
from monitor.domain.machine.reader import Through, read_machine
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Gate, GateAnswer
from monitor.probes.host_notes import HostNotes
from monitor.probes.observing import Found, observe

KERNEL_LINES = 500
"""Lines of the kernel's log that one look brings at most, the newest."""
_LONG = 200
"""Lines above which they are read in a thread: the event loop may be held
for 10 ms."""
_BLIND = {
    "failed",
    "forbidden",
    "gate_missing",
    "gate_refused",
    "gate_version",
    "unreadable",
}
"""Reasons that tell of us, or of the gate, and nothing of the machine."""


class HostProbe:
    """One machine, and what is remembered of its boot and its kernel.

    `disks` are paths on the file systems to watch; `within` is the length
    of a look in seconds at most. `notes` are told what the others who look
    at the machine need.
    """

    def __init__(  # noqa: PLR0913 - what it looks at, and its doors
        self,
        key: CheckKey,
        gate: Gate,
        clock: Clock,
        notes: HostNotes,
        *,
        disks: Sequence[str],
        within: float,
    ) -> None:
        self._key = key
        self._gate = gate
        self._clock = clock
        self._notes = notes
        self._disks = tuple(disks)
        self._within = within
        self._kernel = KernelMemory()
        self._boot = Boot()

    async def look(self) -> Observation:
        """Look once; never raises for what the host does."""
        return await observe(self._key, self._clock, self._seen(), "host")

    async def _seen(self) -> Found:
        begun = self._clock.now()
        try:
            answer = await self._gate.observe(
                self._question(), within=self._within
            )
        except CannotReach as failed:
            return _unreached(failed)
        at = self._clock.now()
        if _is_long(answer.body):
            reading, news = await asyncio.to_thread(self._read, answer, at)
        else:
            reading, news = self._read(answer, at)
        if news:
            self._notes.rebooted()
        self._notes.saw(reading, begun)
        return _judged(reading, at, news)

    def _question(self) -> dict[str, dict[str, object]]:
        parts: dict[str, dict[str, object]] = {
            "machine": {},
            "kernel": {"cursor": self._kernel.cursor, "limit": KERNEL_LINES},
        }
        if self._disks:
            parts["disks"] = {"paths": list(self._disks)}
        return parts

    def _read(
        self, answer: GateAnswer, at: float
    ) -> tuple[MachineReading, str]:
        told = Answered(answer.body)
        through = Through(
            at=at,
            way=answer.way,
            gate_version=answer.version,
            python=answer.python,
        )
        kernel = self._learn(told)
        reading = read_machine(told, through, disks=self._disks, kernel=kernel)
        self._boot, reading, news = follow(self._boot, reading)
        return reading, news

    def _learn(self, told: Answered) -> KernelReading | None:
        """Return what is known of the kernel's log, with this answer.

        Where this one says nothing, what earlier ones said stays true, of
        this boot; None where nobody ever said anything.
        """
        boot_id, known = told.boot_id, self._kernel
        if boot_id and known.boot_id not in {"", boot_id}:
            known = KernelMemory(boot_id=boot_id, counts=known.counts)
        self._kernel = known
        part = told.part("kernel")
        learnt = part and told.kept(
            "kernel", "", lambda: kernel_memory.learn(known, part, boot_id)
        )
        if learnt:
            self._kernel, reading = learnt
            return reading
        return kernel_memory.reading(known) if known.source else None


def _judged(reading: MachineReading, at: float, news: str) -> Found:
    verdict = judge(reading, at)
    because = "; ".join(one for one in (news, verdict.because) if one)
    return Found(
        health=verdict.health,
        because=because,
        reason=verdict.reason,
        reading=reading,
    )


def _unreached(failed: CannotReach) -> Found:
    blind = failed.reason in _BLIND
    return Found(
        health=Health.UNKNOWN if blind else Health.UNHEALTHY,
        because=str(failed),
        reason=failed.reason,
        reading=None,
    )


def _is_long(body: Mapping[str, object]) -> bool:
    match body:
        case {"parts": {"kernel": {"entries": list(entries)}}}:
            return len(entries) > _LONG
        case _:
            return False
