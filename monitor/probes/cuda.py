"""Looks at what a service has to use a GPU with; for people who ask.

DEGRADED: no onnxruntime that can use a GPU. UNKNOWN: what we may not see.
It is no evidence for a diagnosis: what is installed says little about what
runs.
"""

from monitor.domain.checklist.cards import cuda_facts
from monitor.domain.checklist.line import Line
from monitor.domain.cuda.reader import read_cuda
from monitor.domain.cuda.verdict import judge_cuda
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.machine.answered import Answered
from monitor.domain.service.asked import Asked
from monitor.ports import Clock, Gate

CHECK = "cuda"


class CudaLook:
    """Looks at one target's service, for at most `within` seconds."""

    def __init__(
        self, gate: Gate, clock: Clock, *, asked: Asked, within: float
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._asked = asked
        self._within = within

    async def look(self) -> Line:
        """Look once; never raises for what the host does."""
        begun = self._clock.monotonic()
        try:
            answer = await self._gate.observe(
                {CHECK: self._asked.question}, within=self._within
            )
        except CannotReach as failed:
            return Line(
                check=CHECK,
                health=Health.UNKNOWN,
                because=str(failed),
                reason=failed.reason,
                seconds=self._clock.monotonic() - begun,
            )
        reading = read_cuda(Answered(answer.body))
        verdict = judge_cuda(reading)
        seen = reading.packages is not None or bool(reading.nvcc)
        return Line(
            check=CHECK,
            health=verdict.health,
            because=verdict.because,
            reason=verdict.reason,
            seconds=self._clock.monotonic() - begun,
            facts=tuple(cuda_facts(reading)) if seen else (),
        )
