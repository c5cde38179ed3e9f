"""The looks that prove that a machine was booted and is back."""

import asyncio
from dataclasses import dataclass, field

from monitor.actions.reboot import PROVED_WITHIN
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.proof_reboot import (
    HostGlance,
    RebootTerms,
    Returned,
    prove_reboot,
)
from monitor.engine.recovery.proving_kit import (
    LATE,
    LOOKS_LATE,
    Proving,
    Say,
    until_known,
)
from monitor.engine.recovery.scene_looks import GPU, HOST, of_host


async def booted(one: Proving, say: Say) -> Returned:
    """Look at the machine until it is back and whole, or has to be."""
    terms = RebootTerms(boot_id=one.aim.boot_id, gpus=one.before.gpus)
    looking = _Looking(one=one, terms=terms)
    try:
        async with asyncio.timeout(PROVED_WITHIN + LOOKS_LATE):
            return await until_known(looking.look, looking.judge, say)
    except TimeoutError:
        because = f"{LATE}; {looking.judge().because}"
        return Returned(word="failed", because=because)


@dataclass(kw_only=True, eq=False)
class _Looking:
    one: Proving
    terms: RebootTerms
    glances: list[HostGlance] = field(default_factory=list)

    def judge(self) -> Returned:
        since = self.one.since_sent()
        return prove_reboot(self.terms, self.glances, since_sent=since)

    async def look(self) -> None:
        """Look at the machine, and count its cards once it was booted.

        An older driver's list, from before, proves nothing of the new boot.
        """
        one = self.one
        seen = await one.kit.look(of_host(one.aim.host, HOST))
        reading = seen.reading if seen else None
        there = reading if isinstance(reading, MachineReading) else None
        boot = there.boot_id if there else ""
        gpus = (
            await self._gpus() if boot not in {"", one.aim.boot_id} else None
        )
        self.glances.append(
            HostGlance(
                at=one.kit.clock.now(),
                since_sent=one.since_sent(),
                boot_id=boot,
                reason=seen.reason if seen and not boot else "",
                uptime=there.uptime if there else None,
                gpus=gpus,
                because=seen.because if seen else "",
            )
        )

    async def _gpus(self) -> int | None:
        seen = await self.one.kit.look(of_host(self.one.aim.host, GPU))
        reading = seen.reading if seen else None
        return len(reading.gpus) if isinstance(reading, GpuReading) else None
