"""Looks at the process that serves: its unit, its identity, its listeners.

DOWN: it does not run, runs in a loop of crashes, or does not listen where
clients look for it. DEGRADED: it is starting, or waits in the kernel.
UNKNOWN: what we may not see, and a unit that nobody knows.
"""

import asyncio
import math
from dataclasses import replace

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.driver import is_well
from monitor.domain.nvidia_smi.pmon import read_pmon
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.service.asked import Asked
from monitor.domain.service.cpu import cpu_ratio
from monitor.domain.service.judgement import judge
from monitor.domain.service.memory import ServiceMemory, remember
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import GpuShare, ServiceReading
from monitor.domain.service.sight import may_be_hidden
from monitor.domain.service.work import is_working
from monitor.domain.wire import Part
from monitor.ports import Clock, Gate, GateAnswer
from monitor.probes.attempt import attempt
from monitor.probes.host_notes import HostNotes
from monitor.probes.observing import Found, observe

PMON_WITHIN = 4.0
"""Seconds for `nvidia-smi pmon -c 1`, which takes one on a healthy host."""
DRIVERS_FRESH = 120.0
"""Seconds for which it is known what nvidia-smi does on the host."""

_OUTPUT_LIMIT = 1 << 20

_Shares = tuple[GpuShare, ...]


class ProcessProbe:
    """One target's service, and what is remembered of earlier looks.

    `notes` say whether the driver may be asked, and are told whose the
    processes are. `within` is the length of a look in seconds at most.
    """

    def __init__(  # noqa: PLR0913 - what it looks at, and its doors
        self,
        key: CheckKey,
        gate: Gate,
        clock: Clock,
        notes: HostNotes,
        *,
        asked: Asked,
        within: float,
    ) -> None:
        self._key = key
        self._gate = gate
        self._clock = clock
        self._notes = notes
        self._asked = asked
        self._within = within
        self._memory = ServiceMemory()
        self._way = ""

    async def look(self) -> Observation:
        """Look once; never raises for what the host does."""
        return await observe(self._key, self._clock, self._seen(), "process")

    async def _seen(self) -> Found:
        """Ask for both at once, and apart.

        The gate answers when all that was asked is there: a slow driver
        would make the answer late, and the CPU time in it wrong.
        """
        answer, pmon = await asyncio.gather(self._service(), self._pmon())
        if isinstance(answer, CannotReach):
            return Found(
                health=Health.UNKNOWN,
                because=str(answer),
                reason=answer.reason,
                reading=None,
            )
        seen, at = answer
        reading = self._read(seen, at, pmon)
        self._memory = remember(self._memory, reading, at)
        self._note(reading)
        verdict = judge(reading, self._asked, self._memory)
        return Found(
            health=verdict.health,
            because=verdict.because,
            reason=verdict.reason,
            reading=reading,
        )

    async def _service(self) -> tuple[GateAnswer, float] | CannotReach:
        """Return the answer and our monotonic clock when it was there."""
        answer = await attempt(
            self._gate.observe(
                {"service": self._asked.question}, within=self._within
            )
        )
        if isinstance(answer, CannotReach):
            return answer
        return answer, self._clock.monotonic()

    async def _pmon(self) -> GateAnswer | CannotReach | None:
        """Return what nvidia-smi says of processes, None if not asked."""
        if not self._may_ask_driver():
            return None
        within = min(self._within, PMON_WITHIN)
        return await attempt(self._gate.observe({"pmon": {}}, within=within))

    def _may_ask_driver(self) -> bool:
        """Return whether asking harms nobody.

        Without a gate the GPU check and we do not wait for each other: it
        would take ours for one that hangs.
        """
        notes = self._notes
        if not self._asked.wants_pmon or self._way in {"", "plain"}:
            return False
        if notes.drivers_at is None:
            return False
        age = self._clock.now() - notes.drivers_at
        is_fresh = 0 <= age <= DRIVERS_FRESH
        return is_fresh and is_well(notes.drivers, notes.kernel)

    def _read(
        self,
        answer: GateAnswer,
        at: float,
        pmon: GateAnswer | CannotReach | None,
    ) -> ServiceReading:
        self._way = answer.way
        told = Answered(answer.body)
        shares = _shares(pmon, told)
        reading = read_service(told, self._asked)
        before = self._memory
        ratio = cpu_ratio(before.reading, reading, at - before.seen_at)
        return replace(
            reading, cpu_ratio=ratio, gpu_shares=_own(shares, reading)
        )

    def _note(self, reading: ServiceReading) -> None:
        """Note whose processes these are; what was not seen stays noted."""
        if not reading.processes and may_be_hidden(reading):
            return
        starts = (one.started_at for one in reading.processes)
        self._notes.own(
            self._asked.target,
            [one.pid for one in reading.processes],
            self._clock.now(),
            started=min(starts, default=math.inf),
            working=is_working(reading),
        )


def _shares(
    pmon: GateAnswer | CannotReach | None, told: Answered
) -> _Shares | None:
    """Return every process' share of a GPU; what fails becomes a gap."""
    if isinstance(pmon, CannotReach):
        told.lack("pmon", "", str(pmon))
    if not isinstance(pmon, GateAnswer):
        return None
    answered = Answered(pmon.body)
    shares = answered.kept(
        "pmon", "", lambda: _read_shares(answered.part("pmon"))
    )
    for gap in answered.gaps:
        told.lack(gap.part, gap.what, gap.because)
    return shares


def _own(shares: _Shares | None, reading: ServiceReading) -> _Shares | None:
    if shares is None:
        return None
    pids = {one.pid for one in reading.processes}
    return tuple(share for share in shares if share.pid in pids)


def _read_shares(part: Part | None) -> _Shares | None:
    if part is None:
        return None
    code = part.whole("code", least=-255)
    output = part.maybe_text("stdout", limit=_OUTPUT_LIMIT, cut=True) or ""
    if code != 0:
        return None  # the look at the GPUs tells what is wrong with it
    return read_pmon(output)
