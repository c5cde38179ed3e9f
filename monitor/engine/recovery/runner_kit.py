"""What carrying a change out needs, and how a step says that it is over."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.errors import CannotReach, CannotStore
from monitor.domain.fleet import Target
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim, Approval, BreakGlass
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Outcome
from monitor.engine.check import Check
from monitor.engine.events import Tell
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.scene import Seen
from monitor.ports import Clock
from monitor.ports.recovery import Hand, Journal

STORE_WAIT = 10.0
"""Seconds that one use of the journal may take."""
_T = TypeVar("_T")


class SceneView(Protocol):
    """The scene, as far as a change that goes on needs it."""

    def target(self, name: str) -> Target:
        """Return a server of the fleet. Raises `NotConfigured`."""
        ...

    async def observe(self, target: str, action: Action) -> Seen:
        """Look afresh. Raises `NotConfigured`."""
        ...

    def aim(
        self,
        target: str,
        action: Action,
        seen: Seen,
        break_glass: BreakGlass | None = None,
        *,
        planned: tuple[Identity, ...] = (),
    ) -> Aim:
        """Return what an action is aimed at. Raises `NotConfigured`."""
        ...

    async def situation(  # noqa: PLR0913 - what an action is weighed by
        self,
        target: str,
        action: Action,
        seen: Seen,
        *,
        by: Principal,
        approvals: tuple[Approval, ...] = (),
        break_glass: BreakGlass | None = None,
        change: str = "",
        waited: float = 0.0,
        parent: str = "",
    ) -> Situation:
        """Return all that an action is weighed by.

        Raises `NotConfigured`, `CannotStore`.
        """
        ...


class Carried(Protocol):
    """Whatever carries one change to its end, in a task of its own.

    `may_be_sent`: an effect of it may be on its way, so that it is not cut
    off when the monitor ends.
    """

    may_be_sent: bool

    @property
    def change(self) -> Change:
        """The change as it is known there."""
        ...

    async def run(self) -> None:
        """Carry it to its end, or to where nobody can write what became."""
        ...


def _alone(_: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Kit:
    """The doors of a runner.

    `hands` are by machine, None where there is none. `look` takes one look
    out of schedule, in bounded time; None where there is no such check or it
    was under way. `canaries` are the checks that prove a server, in the
    order that they are tried. `hold` keeps a server's scheduled canaries
    back while it is entered. `case` and `diagnosis` are what is known of a
    server. `owner` is this monitor's name, another one at each start. `on`
    are the servers on a machine, by its name.
    """

    clock: Clock
    journal: Journal
    herald: Herald
    scene: SceneView
    hands: Callable[[str, Action], Hand | None]
    look: Callable[[CheckKey], Awaitable[Observation | None]]
    canaries: Callable[[str], Sequence[Check]]
    case: Callable[[str, float], Case]
    diagnosis: Callable[[str], Diagnosis]
    hold: Callable[[str], AbstractContextManager[object]]
    tell: Tell
    owner: str
    on: Callable[[str], Sequence[str]] = field(default=_alone)


class Over(Exception):
    """A change has come to its outcome."""

    def __init__(self, outcome: Outcome, because: str) -> None:
        super().__init__(because)
        self.outcome = outcome
        self.because = because


async def stored(work: Awaitable[_T]) -> _T:
    """Return what a use of the journal does. Raises `CannotStore`.

    One that took too long may still be done: nobody knows.
    """
    try:
        async with asyncio.timeout(STORE_WAIT):
            return await work
    except TimeoutError:
        raise CannotStore(
            "cannot use the journal: no answer within"
            f" {STORE_WAIT:g} s; see who else has the state database open"
        ) from None


async def reached(work: Awaitable[_T], *, within: float) -> _T:
    """Return what a hand answers. Raises `CannotReach`.

    It keeps to `within` itself; a hand that does not is cut off soon after.
    """
    try:
        async with asyncio.timeout(within + STORE_WAIT):
            return await work
    except TimeoutError:
        raise CannotReach(
            f"cannot reach the acting gate: no answer within {within:g} s",
            reason="timeout",
        ) from None
