"""A machine that notes its history: what was done to it, and when it changed.

All times here are by the clock that nobody sets.
"""

import asyncio
from dataclasses import dataclass, field

from typing_extensions import override

from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.identity import Identity, identities
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports.recovery import Errand, HandAnswer
from tests.engine.recovery.model.host import Host

LATE = 25.0
"""Seconds that a request may wander through the network."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What was really ended, on which boot: `ended` ran just before."""

    change: str
    token: int
    at: float
    aim: Aim
    ended: frozenset[Identity]
    boot_id: str


@dataclass
class Machine(Host):
    """`is_late` lets the next act wander after its line was cut.

    `refusals` are acts that its gate refused, with the reason; `prepared_at`
    is when the newest nonce was given out.
    """

    is_late: bool = False
    done: list[Effect] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    flying: set[asyncio.Task[HandAnswer]] = field(default_factory=set)
    prepared_at: float = 0.0
    well_since: float | None = None

    @property  # type: ignore[explicit-override] # a property over a field
    def sick(self) -> bool:
        """Whether it does not answer."""
        return self.well_since is None

    @sick.setter
    def sick(self, is_sick: bool) -> None:
        if is_sick or self.stray_since is not None:
            self.well_since = None
        elif self.well_since is None:
            self.well_since = self.clock.monotonic()

    def serving(self) -> frozenset[Identity]:
        """Return who serves just now."""
        found = identities(self.service())
        return frozenset(one for one in found if one.is_server)

    def listens_from(self) -> float:
        """Return since when who serves now listens, as it was started."""
        at = self._restarted_at
        return self._first if at is None else at + self.starts_in

    def passes_since(self) -> float | None:
        """Return since when its status passes, None while it does not."""
        if self.well_since is None or not self.status_passes or self.is_down:
            return None
        return max(self.well_since, self.listens_from())

    @override
    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        answer = await super().prepare(aim, errand, within=within)
        self.prepared_at = self.clock.monotonic()
        return answer

    @override
    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        if not self.is_late:
            return await self._act(aim, errand, within)
        self.is_late = False
        wanders = asyncio.create_task(self._later(aim, errand, within))
        self.flying.add(wanders)
        wanders.add_done_callback(self.flying.discard)
        raise CannotReach("cannot reach gpu1: cut off", reason="reset")

    async def _later(
        self, aim: Aim, errand: Errand, within: float
    ) -> HandAnswer:
        await asyncio.sleep(LATE)
        return await self._act(aim, errand, within)

    async def _act(
        self, aim: Aim, errand: Errand, within: float
    ) -> HandAnswer:
        try:
            return await super().act(aim, errand, within=within)
        except HandRefused as error:
            self.refusals.append((errand.change, error.reason))
            raise

    @override
    async def _effect(self, change: str) -> None:
        aim, token = self._sent
        now = self.clock.monotonic()
        frees = aim.action is Action.FREE_GPU_MEMORY
        self.done.append(
            Effect(
                change=change,
                token=token,
                at=now,
                aim=aim,
                ended=self.holders() if frees else self.serving(),
                boot_id=self.boot_id,
            )
        )
        self.touched_at = now
        await super()._effect(change)
