"""Proving: fresh looks until a change is proved, or has failed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from monitor.actions.restart import canaries_within, serves_within
from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.fleet import Target
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.proof import Glance, Proof, Terms, Trial, prove
from monitor.domain.service.reading import ServiceReading
from monitor.engine.board import PROCESS, STATUS
from monitor.engine.check import Check
from monitor.engine.recovery.runner_kit import Kit

LOOKS_EVERY = 2.0
"""Seconds between two looks while it is proved."""
LOOKS_LATE = 120.0
"""Seconds that looks may be late altogether before nothing is proved."""
Say = Callable[[str], Awaitable[None]]


@dataclass(kw_only=True, eq=False)
class Proving:
    """The looks and runs of one proof, oldest first.

    `sent` is when the effect was sent, by the clock that does not jump.
    """

    kit: Kit
    terms: Terms
    target: str
    canaries: Sequence[Check]
    sent: float
    glances: list[Glance] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    async def run(self, say: Say) -> Proof:
        """Look until it is proved or has failed; `say` hears how it goes."""
        terms = self.terms
        within = terms.serves_within + terms.canaries_within + LOOKS_LATE
        try:
            async with asyncio.timeout(within):
                return await self._until_known(say)
        except TimeoutError:
            last = self._prove().because
            because = f"looks at it took too long to prove anything; {last}"
            return Proof(word="failed", because=because)

    async def _until_known(self, say: Say) -> Proof:
        while True:
            await self._look()
            proof = self._prove()
            if proof.word != "pending":
                return proof
            await say(proof.because)
            if proof.wants_canary:
                await self._try_one()
            await asyncio.sleep(LOOKS_EVERY)

    def _prove(self) -> Proof:
        since = self._since_sent()
        return prove(self.terms, self.glances, self.trials, since_sent=since)

    async def _look(self) -> None:
        status, process = await asyncio.gather(
            self.kit.look(self._key(STATUS)), self.kit.look(self._key(PROCESS))
        )
        reading = process.reading if process else None
        seen = (one for one in (process, status) if one is not None)
        self.glances.append(
            Glance(
                at=self.kit.clock.now(),
                since_sent=self._since_sent(),
                service=(
                    reading if isinstance(reading, ServiceReading) else None
                ),
                reason=process.reason if process else "",
                passed=status.succeeded if status else None,
                because="; ".join(one.because for one in seen),
            )
        )

    async def _try_one(self) -> None:
        """Run the next canary; one that is under way already is no run."""
        check = self.canaries[len(self.trials) % len(self.canaries)]
        seen = await self.kit.look(check.key)
        if seen is not None:
            self.trials.append(
                Trial(
                    at=self.kit.clock.now(),
                    since_sent=self._since_sent(),
                    canary=check.key.check.removeprefix("canary."),
                    result=_result(seen),
                    because=seen.because,
                )
            )

    def _since_sent(self) -> float:
        return self.kit.clock.monotonic() - self.sent

    def _key(self, check: str) -> CheckKey:
        return CheckKey(kind=Kind.TARGET, subject=self.target, check=check)


def proving(kit: Kit, target: Target, aim: Aim, *, sent: float) -> Proving:
    """Return the proof of a restart that was just done."""
    canaries = kit.canaries(target.name)
    return Proving(
        kit=kit,
        terms=Terms(
            before=aim.processes,
            boot_id=aim.boot_id,
            port=aim.port,
            start_grace=target.start_grace,
            began=kit.clock.monotonic() - sent,
            serves_within=serves_within(target.start_grace),
            canaries_within=canaries_within(c.deadline for c in canaries),
            canaries=tuple(one.key.check for one in canaries),
        ),
        target=target.name,
        canaries=canaries,
        sent=sent,
    )


def _result(seen: Observation) -> Result:
    """Return how a run ended; one cut off at its deadline has no reading."""
    reading = seen.reading
    if isinstance(reading, CanaryReading):
        return reading.result
    return Result.TIMEOUT if seen.reason == "timeout" else Result.ERROR
