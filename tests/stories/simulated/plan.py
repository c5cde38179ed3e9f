"""`ports.Scheduler` in simulated time, by the rules of the real one.

The plan follows the monotonic clock, a late run runs, and each run is a task
of its own (monitor/adapters/scheduler/).
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

from monitor.ports import Clock, Due, Scheduler, Turn

WARD = "ward"
"""The job that weighs every second (daemon/diagnosing.py)."""


@dataclass
class _Plan:
    turn: Turn
    interval: float | None
    at: float
    timer: asyncio.TimerHandle


class Plan:
    """Begins turns when they are due, by the running loop's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._plans: dict[str, _Plan] = {}
        self._runs: set[asyncio.Task[None]] = set()

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        self._put(name, first, turn, interval)

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        self._put(name, at, turn, None)

    def cancel(self, name: str) -> None:
        plan = self._plans.pop(name, None)
        if plan is not None:
            plan.timer.cancel()

    def stop(self) -> None:
        """Begin nothing more, and end what is under way."""
        for name in tuple(self._plans):
            self.cancel(name)
        for run in self._runs:
            run.cancel()

    def _put(
        self, name: str, at: float, turn: Turn, interval: float | None
    ) -> None:
        self.cancel(name)
        planned = self._clock.monotonic() + at - self._clock.now()
        timer = self._loop.call_at(planned, self._begin, name)
        self._plans[name] = _Plan(turn, interval, planned, timer)

    def _begin(self, name: str) -> None:
        plan = self._plans[name]
        at = plan.at
        if plan.interval is None:
            del self._plans[name]
        else:
            plan.at = at + plan.interval
            plan.timer = self._loop.call_at(plan.at, self._begin, name)
        late = self._clock.monotonic() - at
        due = Due(at=self._clock.now() - late)
        if name == WARD:
            _at_once(plan.turn, due)
            return
        run = self._loop.create_task(_take(plan.turn, due))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)


def _at_once(turn: Turn, due: Due) -> None:
    """Take a turn that waits for nothing: a day has 86,400 of the ward's."""
    waiting = turn(due)
    assert isinstance(waiting, Coroutine)
    try:
        waiting.send(None)
    except StopIteration:
        return
    raise AssertionError("cannot take the ward's turn: it waits")


async def _take(turn: Turn, due: Due) -> None:
    await turn(due)


_: type[Scheduler] = Plan
