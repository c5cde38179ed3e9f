"""The looks that prove that GPU memory was given back."""

import asyncio
from dataclasses import dataclass, field

from monitor.actions.free_gpu_memory import BACK_WITHIN
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from monitor.domain.recovery.gpu_table import gpu_table
from monitor.domain.recovery.machine_use import GpuTable
from monitor.domain.recovery.proof import Proof
from monitor.domain.recovery.proof_memory import (
    MemoryGlance,
    MemoryTerms,
    prove_memory,
)
from monitor.domain.service.reading import ServiceReading
from monitor.engine.board import PROCESS
from monitor.engine.recovery.proving_kit import (
    LATE,
    LOOKS_LATE,
    Proving,
    Say,
    until_known,
)
from monitor.engine.recovery.scene_looks import GPU, key, of_host


async def memory_back(one: Proving, say: Say) -> Proof:
    """Look at the cards until the memory is back, or has to be."""
    table = one.before.table
    if table is None:
        because = "what its GPUs held before was not kept: nothing proves it"
        return Proof(word="failed", because=because)
    terms = MemoryTerms(
        before=table,
        ended=one.aim.processes,
        within=BACK_WITHIN,
        began=one.since_sent(),
    )
    looking = _Looking(one=one, terms=terms)
    try:
        async with asyncio.timeout(terms.within + LOOKS_LATE):
            return await until_known(looking.look, looking.judge, say)
    except TimeoutError:
        because = f"{LATE}; {looking.judge().because}"
        return Proof(word="failed", because=because)


@dataclass(kw_only=True, eq=False)
class _Looking:
    one: Proving
    terms: MemoryTerms
    glances: list[MemoryGlance] = field(default_factory=list)

    def judge(self) -> Proof:
        since = self.one.since_sent()
        return prove_memory(self.terms, self.glances, since_sent=since)

    async def look(self) -> None:
        one = self.one
        gpu, process = await asyncio.gather(
            one.kit.look(of_host(one.aim.host, GPU)),
            one.kit.look(key(one.target.name, PROCESS)),
        )
        service = process.reading if process else None
        there = service if isinstance(service, ServiceReading) else None
        seen = (look for look in (gpu, process) if look is not None)
        self.glances.append(
            MemoryGlance(
                at=one.kit.clock.now(),
                since_sent=one.since_sent(),
                table=self._table(gpu, there),
                service=there,
                because="; ".join(look.because for look in seen),
            )
        )

    def _table(
        self, gpu: Observation | None, service: ServiceReading | None
    ) -> GpuTable | None:
        reading = gpu.reading if gpu else None
        if not gpu or not service or not isinstance(reading, GpuReading):
            return None
        cards = self.one.target.gpus
        return gpu_table(reading, service, named=cards, at=gpu.at)
