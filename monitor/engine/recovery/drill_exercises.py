"""What a drill really tries: the lock, the keys, a status and a canary."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from monitor.domain.errors import (
    CannotReach,
    CannotStore,
    HandRefused,
    Superseded,
)
from monitor.domain.fleet import Target
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recovery.drill import Exercise
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.engine.board import STATUS
from monitor.engine.check import Check
from monitor.engine.recovery.runner_kit import reached, stored
from monitor.engine.recovery.scene import Scene
from monitor.ports import Clock
from monitor.ports.recovery import Errand, Hand, Journal, Lock

PREPARES_WITHIN = 15.0
"""Seconds for a look as root."""
LOCKED_WITHIN = 45.0
"""Seconds that the lock is held at most. Nobody keeps it, and one that is
not kept for a minute is the sweeper's (`runner_lease.LASTS`)."""
GATES = {Action.RESTART: "acting gate", Action.REBOOT: "reboot gate"}
"""The keys that are tried, by what they open, and their names."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounds:
    """The doors of the exercises; `canaries` are by server."""

    clock: Clock
    journal: Journal
    scene: Scene
    canaries: Callable[[str], Sequence[Check]]
    owner: str


@dataclass(kw_only=True, eq=False)
class Exercising:
    """Tries one thing after the other; what was tried is in `done`.

    `change` is under which id the lock is taken: no change has it.
    """

    grounds: Grounds
    target: Target
    change: str
    done: list[Exercise] = field(default_factory=list)

    async def run(self, aims: Mapping[Action, Aim], *, busy: str = "") -> None:
        """Try them all: whatever fails is told, and the next is tried.

        `busy` is users' work that goes on: then no canary is run beside it.
        """
        if self.target.host:
            await self._machine(aims)
        else:
            for what in names_of(self.target)[:-2]:
                self._note(
                    what,
                    passed=None,
                    because="it is on no machine that is known",
                )
        await self._status()
        await self._canary(busy)

    async def _machine(self, aims: Mapping[Action, Aim]) -> None:
        """Take the machine's lock, look as root, and give it back."""
        what, host = names_of(self.target)[0], self.target.host
        try:
            lock = await self._lock(host)
        except (Superseded, CannotStore) as error:
            self._note(what, passed=False, because=str(error))
            for action in GATES:
                self._note(
                    self._gate(action),
                    passed=None,
                    because="the lock was not ours",
                )
            return
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOCKED_WITHIN):
                    await self._gates(lock, aims)
        finally:
            await self._unlock(what, lock)

    async def _lock(self, host: str) -> Lock:
        grounds = self.grounds
        return await stored(
            grounds.journal.lock(
                host,
                self.change,
                grounds.owner,
                now=grounds.clock.now(),
                lasts=LOCKED_WITHIN,
            )
        )

    async def _unlock(self, what: str, lock: Lock) -> None:
        """Give it back; where that fails it runs out by itself."""
        try:
            await stored(self.grounds.journal.unlock(lock))
        except CannotStore as error:
            self._note(
                what, passed=False, because=f"it was not given back: {error}"
            )
        else:
            self._note(
                what, passed=True, because="it was taken and given back"
            )

    async def _gates(self, lock: Lock, aims: Mapping[Action, Aim]) -> None:
        for action in GATES:
            what, host = self._gate(action), self.target.host
            hand = self.grounds.scene.hands(host, action)
            if hand is None:
                because = self.grounds.scene.why_no_hand(host, action)
                self._note(what, passed=None, because=because)
            else:
                await self._prepare(what, hand, aims[action], lock)

    async def _prepare(
        self, what: str, hand: Hand, aim: Aim, lock: Lock
    ) -> None:
        """Let the gate look as root. Its nonce is thrown away."""
        errand = Errand(change=self.change, token=lock.token)
        try:
            answer = await reached(
                hand.prepare(aim, errand, within=PREPARES_WITHIN),
                within=PREPARES_WITHIN,
            )
        except (CannotReach, HandRefused) as error:
            self._note(what, passed=False, because=str(error))
        else:
            seen = "saw" if answer.service else "told nothing of"
            self._note(
                what,
                passed=True,
                because=f"root looked and {seen} the service",
            )

    async def _status(self) -> None:
        key = CheckKey(
            kind=Kind.TARGET, subject=self.target.name, check=STATUS
        )
        await self._look(names_of(self.target)[-2], key)

    async def _canary(self, busy: str) -> None:
        what = names_of(self.target)[-1]
        canaries = self.grounds.canaries(self.target.name)
        if busy:
            because = f"users' work goes on, which it would slow: {busy}"
            self._note(what, passed=None, because=because)
        elif canaries:
            await self._look(what, canaries[0].key)
        else:
            self._note(
                what,
                passed=None,
                because="it has no canary that could prove it",
            )

    async def _look(self, what: str, key: CheckKey) -> None:
        seen = await self.grounds.scene.look(key)
        if seen is None:
            self._note(
                what, passed=None, because="there is no such look just now"
            )
        else:
            self._note(what, passed=seen.succeeded, because=seen.because)

    def _gate(self, action: Action) -> str:
        return f"{GATES[action]} of {self.target.host}"

    def _note(self, what: str, *, passed: bool | None, because: str) -> None:
        self.done.append(Exercise(what=what, passed=passed, because=because))


def names_of(target: Target) -> tuple[str, ...]:
    """Return the names of all exercises; the last two need no machine."""
    host = target.host or "its machine"
    return (
        f"lock of {host}",
        *(f"{gate} of {host}" for gate in GATES.values()),
        f"status of {target.name}",
        f"canary of {target.name}",
    )
