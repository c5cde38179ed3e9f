"""The schedule: every check at its own phase, sooner while in doubt."""

import asyncio
from dataclasses import replace
from functools import partial

from monitor.domain.cadence import first_run, phase
from monitor.domain.health import Health
from monitor.domain.judgement import is_changing
from monitor.domain.observation import CheckKey
from monitor.engine.check import Check
from monitor.engine.watch import Watch
from monitor.ports import Clock, Due, Scheduler

FIRST_LOOKS = 5.0
"""Seconds over which the first looks after a start are spread."""
FIRST_CANARIES = 60.0
"""Seconds for canaries: a fleet's GPUs are not all set to work at once."""


class Schedule:
    """Puts checks on a scheduler and asks again while they are in doubt."""

    def __init__(
        self, scheduler: Scheduler, clock: Clock, watch: Watch
    ) -> None:
        self._scheduler = scheduler
        self._clock = clock
        self._watch = watch
        self._checks: dict[CheckKey, Check] = {}
        self._turns: dict[CheckKey, set[asyncio.Task[None]]] = {}
        self._waiting: set[CheckKey] = set()
        self._confirmed_at: dict[CheckKey, float] = {}

    def add(self, check: Check) -> None:
        """Schedule a check, with a first look soon."""
        self._checks[check.key] = check
        name, now = check.key.label, self._clock.now()
        within = FIRST_CANARIES if check.kind == "canary" else FIRST_LOOKS
        spread = min(within, check.interval)
        turn = partial(self._turn, check)
        self._scheduler.every(
            name,
            interval=check.interval,
            first=first_run(name, check.interval, now + spread),
            turn=turn,
        )
        self._scheduler.once(
            _again(check.key), at=now + phase(name, spread), turn=turn
        )

    def soon(self, key: CheckKey) -> None:
        """Look at a check at once; an unknown one is no error.

        A look under way began before there was a reason to look again: the
        next one waits for its end. Asked again before that, it is one. A
        check in doubt is confirmed in a moment anyway: one restart, which is
        told of three times, must not become three failures in a row.
        """
        check = self._checks.get(key)
        confirmed_at = self._confirmed_at.get(key, 0.0)
        if check is not None and self._clock.monotonic() >= confirmed_at:
            self._scheduler.once(
                _again(key),
                at=self._clock.now(),
                turn=partial(self._after_others, check),
            )

    def remove(self, key: CheckKey) -> list[asyncio.Task[None]]:
        """Start no more looks of a check; return those under way."""
        self._checks.pop(key, None)
        self._confirmed_at.pop(key, None)
        self._scheduler.cancel(key.label)
        self._scheduler.cancel(_again(key))
        return list(self._turns.get(key, ()))

    async def drain(self, within: float) -> None:
        """Let the turns under way end, cut off those that do not."""
        self._watch.stop()
        turns = {task for of in self._turns.values() for task in of}
        if not turns:
            return
        _, late = await asyncio.wait(turns, timeout=within)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=within)

    async def _after_others(self, check: Check, due: Due) -> None:
        if check.key in self._waiting:
            return  # that one looks after whatever is under way
        under_way = set(self._turns.get(check.key, ()))
        if under_way:
            self._waiting.add(check.key)
            try:
                await asyncio.wait(under_way)
            finally:
                self._waiting.discard(check.key)
            due = replace(due, at=self._clock.now())  # it was not late
        if self._checks.get(check.key) is check:
            await self._turn(check, due)

    async def _turn(self, check: Check, due: Due) -> None:
        task = asyncio.ensure_future(self._take(check, due))
        turns = self._turns.setdefault(check.key, set())
        turns.add(task)
        task.add_done_callback(partial(self._ended, check.key))
        await asyncio.wait({task})

    def _ended(self, key: CheckKey, task: asyncio.Task[None]) -> None:
        turns = self._turns.get(key, set())
        turns.discard(task)
        if not turns:
            self._turns.pop(key, None)

    async def _take(self, check: Check, due: Due) -> None:
        begun = self._clock.monotonic()
        self._confirmed_at.pop(check.key, None)
        looked = await self._watch.turn(check, due)
        if looked is None or looked.seen.health is Health.UNKNOWN:
            return  # a look that could not tell settles no doubt
        patience = check.patience
        if patience.confirm_interval >= check.interval:
            return  # the regular run comes no later
        if not is_changing(looked.track, patience):
            return
        if self._checks.get(check.key) is not check:
            return  # a new configuration took its place meanwhile
        took = self._clock.monotonic() - begun
        soon = max(0.0, patience.confirm_interval - took)
        self._confirmed_at[check.key] = begun + took + soon
        self._scheduler.once(
            _again(check.key),
            at=self._clock.now() + soon,
            turn=partial(self._turn, check),
        )


def _again(key: CheckKey) -> str:
    return f"{key.label} again"
