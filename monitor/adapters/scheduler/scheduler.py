"""`monitor.ports.Scheduler` on APScheduler 3's asyncio scheduler."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from monitor.adapters.clock import SystemClock
from monitor.adapters.scheduler.plan_time import Grid, PlanTime
from monitor.ports import Clock, Due, Turn


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What is to be run under a name; `interval` is None for one run."""

    turn: Turn
    interval: timedelta | None
    expected: datetime

    def missed(self, at: datetime) -> int:
        """Count the runs that are folded into the one planned for `at`."""
        if self.interval is None:
            return 0
        missed = (at - self.expected) // self.interval
        self.expected = at + self.interval
        return missed


class _Job(Protocol):
    id: str


class _Executor:
    """Hands due runs over, only the last of those of one name.

    APScheduler's own refuses a run that is a second late (27 % of the runs
    while the loop was held for 3 s, shared facts/probing.md §4.3), and one
    that overlaps, with a log line; our watch refuses overlaps and counts
    them.
    """

    def __init__(self, begin: Callable[[str, datetime], None]) -> None:
        self._begin = begin

    def start(self, scheduler: object, alias: str) -> None:
        """Need nothing: runs are tasks of the running loop."""

    def shutdown(self, wait: object) -> None:
        """Leave the runs under way alone."""

    def submit_job(self, job: _Job, run_times: Sequence[datetime]) -> None:
        """Begin a run."""
        self._begin(job.id, run_times[-1])


BaseExecutor.register(_Executor)
BaseTrigger.register(Grid)


class ApScheduler:
    """Calls turns when they are due, late rather than never.

    The plan follows the monotonic clock: a clock that is set only changes
    the Unix times that a `Due` speaks of. Its lag stays the true one.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._time = PlanTime(clock or SystemClock())
        self._scheduler = AsyncIOScheduler(
            timezone=self._time, executors={"default": _Executor(self._begin)}
        )
        self._plans: dict[str, _Plan] = {}
        self._runs: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more runs, and wait for none that is under way.

        One that was never started is no error: a start may have failed.
        """
        self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        """Call `turn` at the Unix time `first` and every `interval` s."""
        at, step = self._time.planned(first), timedelta(seconds=interval)
        self._plans[name] = _Plan(turn=turn, interval=step, expected=at)
        self._put(name, Grid(at, step))

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        """Call `turn` at the Unix time `at`; replaces an earlier `name`."""
        planned = self._time.planned(at)
        self._plans[name] = _Plan(turn=turn, interval=None, expected=planned)
        self._put(name, DateTrigger(planned, timezone=self._time))

    def cancel(self, name: str) -> None:
        """Forget `name`; unknown names are no error.

        A run under way goes on; one that has not begun never does.
        """
        self._plans.pop(name, None)
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)

    def _put(self, name: str, trigger: object) -> None:
        self._scheduler.add_job(
            _nothing, trigger, id=name, name=name, replace_existing=True
        )

    def _begin(self, name: str, at: datetime) -> None:
        plan = self._plans[name]
        run = asyncio.get_running_loop().create_task(
            self._run(name, plan, at, plan.missed(at))
        )
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)

    async def _run(
        self, name: str, plan: _Plan, at: datetime, missed: int
    ) -> None:
        if self._stopped or self._plans.get(name) is not plan:
            return
        if plan.interval is None:
            del self._plans[name]
        await plan.turn(Due(at=self._time.unix(at), missed=missed))


def _nothing() -> None:
    """Stand in for the function of a job: the executor knows better."""
