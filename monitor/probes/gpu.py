"""Looks at the GPUs of a host through nvidia-smi.

Down when the host cannot be looked at or no GPU is left to work with;
degraded when one of several is sick, or one complains but works.
"""

import asyncio

from monitor.domain.errors import CannotReach
from monitor.domain.gpu.faults import complete
from monitor.domain.gpu.inventory import Inventory, learn
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.gpu.verdict import Verdict, judge
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import Told, interpret
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Ran, Shell
from monitor.probes.gpu_script import script

_LONG = 256 * 1024
"""Answers above this many bytes are parsed in a thread: 1 MB takes longer
than the 10 ms for which the event loop may be held."""


class GpuProbe:
    """One host's GPUs, and the memory of which ones it had."""

    def __init__(
        self, key: CheckKey, shell: Shell, clock: Clock, *, within: float
    ) -> None:
        self._key = key
        self._shell = shell
        self._clock = clock
        self._within = within
        self._script = script(within)
        self._known: Inventory = ()

    async def look(self) -> Observation:
        """Run nvidia-smi once; never raises for what the host does."""
        at, started = self._clock.now(), self._clock.monotonic()
        reading, verdict = await self._seen()
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

    async def _seen(self) -> tuple[GpuReading | None, Verdict]:
        try:
            ran = await self._shell.run(self._script, within=self._within)
        except CannotReach as failed:
            return None, _failed(failed.reason, str(failed))
        told = await _told(ran)
        if told.reason:
            return told.reading, _failed(told.reason, told.because)
        reading = complete(told.reading, self._known)
        self._known = learn(self._known, reading)
        return reading, judge(reading)


async def _told(ran: Ran) -> Told:
    if len(ran.stdout) <= _LONG:
        return _interpret(ran)
    return await asyncio.to_thread(_interpret, ran)


def _interpret(ran: Ran) -> Told:
    return interpret(code=ran.code, stdout=ran.stdout, stderr=ran.stderr)


def _failed(reason: str, because: str) -> Verdict:
    return Verdict(health=Health.UNHEALTHY, because=because, reason=reason)
