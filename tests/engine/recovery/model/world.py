"""The world of the model: two monitors, one server, and who watches them."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

from typing_extensions import override

from monitor.domain.errors import MonitorError
from monitor.domain.recovery.audit import Sealed
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.words import Outcome, State
from tests.engine.recovery.model import climbs, intents, limits, rules
from tests.engine.recovery.model.lives import Life, whose_tasks
from tests.engine.recovery.model.places import Place
from tests.engine.recovery.model.slow import Intended
from tests.fakes.crashing import Crash

QUIET_AFTER = 6 * 3600.0
"""Seconds in which everything has to end by itself, two sweeping."""


STEP_AT_MOST = 6.0
"""Seconds that pass where no monitor calls anybody: a sleep of ours."""
_SWEEPS = 20.0
_NOTICES = 30.0
"""Seconds until a monitor notices that its change was ended by others."""
_SWEEPS_AT_REST = 600.0


class Violated(AssertionError):
    """An invariant does not hold; the text begins with its number."""


class World(Place):
    """`plan_id` and `change_id` are the newest ones, empty for none.

    `climb_id` is the newest `recover`.

    A monitor called A may die, and is started again; B lives on.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(whose_tasks)  # type: ignore[arg-type] # as 3.11 calls it
        loop.set_exception_handler(self._unheard)
        super().__init__()
        self.called = asyncio.Event()
        self._lives = 0
        self.a = self._alive("a")
        self.b = self._alive("b")
        self.plan_id = ""
        self.change_id = ""
        self.climb_id = ""
        self.outcomes: dict[str, Outcome] = {}
        self._told: list[Sealed] = []
        self._violated: list[str] = []

    def _alive(self, name: str) -> Life:
        self._lives += 1
        return Life(f"{name}{self._lives}", self, self.called.set)

    @override
    def intended(self, one: Intended) -> None:
        super().intended(one)
        self._violated += intents.at_intent(self, one)

    @override
    def kept(self, plan: Plan) -> None:
        super().kept(plan)
        self._violated += limits.of_plan(self, plan)

    async def says(
        self, life: Life, work: Coroutine[object, object, object]
    ) -> object:
        """Let somebody say something at a monitor; refusals are answers."""
        with suppress(MonitorError):
            return await life.does(work)
        return None

    async def kill_a(self) -> None:
        """Kill A, and start it again: it reads the journal back first."""
        await self.a.dies()
        self._check_faults(self.a)
        self.a = self._alive("a")
        await self.a.does(self.a.sweeper.sweep())

    async def goes_on(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def step(self) -> None:
        """Go on until a monitor calls the journal or the machine again."""
        self.called.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(STEP_AT_MOST):
                await self.called.wait()

    async def check(self) -> None:
        """Raise `Violated` where something does not hold now."""
        if self.a.fuse.blown:
            await self.kill_a()
        self.diagnosis("studio")  # as the ward weighs it all the time
        self._violated += rules.of_effects(self)
        self._violated += rules.of_refusals(self)
        self._violated += rules.of_changes(self)
        self._violated += climbs.of_climbs(self)
        self._unchanged()
        self._raise()

    async def become_quiet(self) -> None:
        """Let all limits pass while both sweep, and check what is left."""
        self.a.fuse.next = None
        until = self.clock.monotonic() + QUIET_AFTER
        while not self._is_quiet() and self.clock.monotonic() < until:
            for life in (self.a, self.b):
                await life.does(life.sweeper.sweep())
            await self.check()
            await asyncio.sleep(self._rests())
        await asyncio.sleep(_NOTICES)
        self._violated += rules.when_quiet(self)
        for life in (self.a, self.b):
            if life.holding.held("studio"):
                self._violated.append(f"I12: {life.owner} holds it still")
            self._check_faults(life)
        self._raise()

    async def end(self) -> None:
        """End all tasks of this world."""
        for life in (self.a, self.b):
            await life.dies()
        rest = [*self.machine.acting, *self.machine.flying]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _rests(self) -> float:
        """Return for how long nothing needs to be swept: people can wait."""
        at_rest = {State.ENDED, State.WAITING}
        states = {o.state for o in self.journal.all_changes.values()}
        is_resting = states <= at_rest and not self.journal.all_locks
        return _SWEEPS_AT_REST if is_resting else _SWEEPS

    def _is_quiet(self) -> bool:
        journal, machine = self.journal, self.machine
        is_over = all(o.is_over for o in journal.all_changes.values())
        closed = all(o.outcome for o in journal.records.values())
        under_way = machine.acting or machine.flying or journal.all_locks
        return is_over and closed and not under_way

    def _unchanged(self) -> None:
        """What was told once is never told otherwise (I5, I6)."""
        chain = self.journal.chain
        pairs = zip(self._told, chain, strict=False)
        if len(chain) < len(self._told) or any(a is not b for a, b in pairs):
            self._violated.append("I6: the audit was rewritten")
        self._told = list(chain)
        for id_, change in self.journal.all_changes.items():
            self._same(id_, change.outcome)
        for id_, record in self.journal.records.items():
            self._same(id_, record.outcome)

    def _same(self, id_: str, outcome: Outcome | None) -> None:
        was = self.outcomes.get(id_)
        if was is not None and outcome is not was:
            self._violated.append(f"I5: {id_} was {was}")
        if outcome is not None:
            self.outcomes[id_] = outcome

    def _unheard(
        self, _: asyncio.AbstractEventLoop, told: dict[str, object]
    ) -> None:
        """Hear of a task whose fault nobody heard; the dead have none."""
        error = told.get("exception")
        if not isinstance(error, Crash | MonitorError):
            self._violated.append(f"a fault that nobody heard: {error!r}")

    def _check_faults(self, life: Life) -> None:
        self._violated += [f"a fault: {one}" for one in life.broke]

    def _raise(self) -> None:
        if self._violated:
            raise Violated("; ".join(dict.fromkeys(self._violated)))
