"""The looks and runs that prove that a server serves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.actions.restart import canaries_within, serves_within
from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.observation import Observation
from monitor.domain.recovery.proof import Glance, Proof, Terms, Trial, prove
from monitor.domain.recovery.proof_serving import prove_serving
from monitor.domain.service.reading import ServiceReading
from monitor.engine.board import PROCESS, STATUS
from monitor.engine.check import Check
from monitor.engine.recovery.proving_kit import (
    LATE,
    LOOKS_LATE,
    Proving,
    Say,
    until_known,
)
from monitor.engine.recovery.scene_looks import key


def service_terms(one: Proving, boot_id: str) -> Terms:
    """Return what a server has to show, from now on, on this boot.

    Processes of another boot are compared with none: ticks begin anew.
    """
    canaries = one.kit.canaries(one.target.name)
    grace = one.target.start_grace
    return Terms(
        before=tuple(
            was for was in one.aim.processes if was.boot_id == boot_id
        ),
        boot_id=boot_id,
        port=one.aim.port,
        start_grace=grace,
        began=one.since_sent(),
        serves_within=serves_within(grace),
        canaries_within=canaries_within(c.deadline for c in canaries),
        canaries=tuple(check.key.check for check in canaries),
    )


@dataclass(kw_only=True, eq=False)
class ServiceProof:
    """The looks and runs of one proof, oldest first.

    `is_new`: a new process has to serve, for the one before was ended.
    """

    one: Proving
    terms: Terms
    is_new: bool = True
    glances: list[Glance] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    async def run(self, say: Say) -> Proof:
        """Look until it is proved or has failed; `say` hears how it goes."""
        terms = self.terms
        within = terms.serves_within + terms.canaries_within + LOOKS_LATE
        try:
            async with asyncio.timeout(within):
                return await until_known(self._go_on, self._judge, say)
        except TimeoutError:
            because = f"{LATE}; {self._judge().because}"
            return Proof(word="failed", because=because)

    def _judge(self) -> Proof:
        since = self.one.since_sent()
        rule = prove if self.is_new else prove_serving
        return rule(self.terms, self.glances, self.trials, since_sent=since)

    async def _go_on(self) -> None:
        """Run a canary where one has to run next, and look."""
        if self.glances and self._judge().wants_canary:
            await self._try_one()
        await self._look()

    async def _look(self) -> None:
        one = self.one
        status, process = await asyncio.gather(
            one.kit.look(key(one.target.name, STATUS)),
            one.kit.look(key(one.target.name, PROCESS)),
        )
        reading = process.reading if process else None
        seen = (look for look in (process, status) if look is not None)
        self.glances.append(
            Glance(
                at=one.kit.clock.now(),
                since_sent=one.since_sent(),
                service=(
                    reading if isinstance(reading, ServiceReading) else None
                ),
                reason=process.reason if process else "",
                passed=status.succeeded if status else None,
                because="; ".join(look.because for look in seen),
            )
        )

    async def _try_one(self) -> None:
        """Run the next canary; one that is under way already is no run."""
        check = self._canaries[len(self.trials) % len(self._canaries)]
        seen = await self.one.kit.look(check.key)
        if seen is not None:
            self.trials.append(
                Trial(
                    at=self.one.kit.clock.now(),
                    since_sent=self.one.since_sent(),
                    canary=check.key.check.removeprefix("canary."),
                    result=_result(seen),
                    because=seen.because,
                )
            )

    @property
    def _canaries(self) -> Sequence[Check]:
        return self.one.kit.canaries(self.one.target.name)


def _result(seen: Observation) -> Result:
    """Return how a run ended; one cut off at its deadline has no reading."""
    reading = seen.reading
    if isinstance(reading, CanaryReading):
        return reading.result
    return Result.TIMEOUT if seen.reason == "timeout" else Result.ERROR
