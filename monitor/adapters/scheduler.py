"""APScheduler's one door: late runs run, none is dropped."""

import asyncio
import logging
from collections import defaultdict, deque
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor.ports import Due, Turn

_MANY = 1000
"""Our own watch refuses overlaps and counts them; APScheduler's guard would
drop them with a log line only."""


class ApScheduler:
    """`monitor.ports.Scheduler` on APScheduler 3's asyncio scheduler.

    Its default grace of one second dropped 27 % of the runs while the loop
    was held for 3 s (shared facts/probing.md §4.3), so there is none here.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": _MANY,
            },
        )
        self._scheduler.add_listener(self._submitted, EVENT_JOB_SUBMITTED)
        self._due: defaultdict[str, deque[float]] = defaultdict(deque)
        self._intervals: dict[str, float] = {}
        self._expected: dict[str, float] = {}
        self._stopped = False

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more runs, and wait for none that is under way."""
        self._stopped = True
        # It would print a traceback for each run that it calls off.
        logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
        self._scheduler.shutdown(wait=False)

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        """Call `turn` at the Unix time `first` and every `interval` s."""
        start = datetime.fromtimestamp(first, UTC)
        self._intervals[name] = interval
        self._expected[name] = first
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=interval, start_date=start, timezone=UTC),
            args=(name, turn),
            id=name,
            replace_existing=True,
            next_run_time=start,
        )

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        """Call `turn` at the Unix time `at`; replaces an earlier `name`."""
        self._scheduler.add_job(
            self._run,
            DateTrigger(datetime.fromtimestamp(at, UTC), timezone=UTC),
            args=(name, turn),
            id=name,
            replace_existing=True,
        )

    def cancel(self, name: str) -> None:
        """Forget `name`; unknown names are no error."""
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)
        self._due.pop(name, None)
        self._intervals.pop(name, None)
        self._expected.pop(name, None)

    def _submitted(self, event: JobSubmissionEvent) -> None:
        """Note when the run about to start was planned for."""
        planned = event.scheduled_run_times[-1].timestamp()
        self._due[event.job_id].append(planned)

    async def _run(self, name: str, turn: Turn) -> None:
        at = self._due[name].popleft()
        try:
            await turn(Due(at=at, missed=self._missed(name, at)))
        except asyncio.CancelledError:
            if not self._stopped:  # APScheduler would print a traceback
                raise

    def _missed(self, name: str, at: float) -> int:
        """Count the runs that coalescing folded into this one."""
        interval = self._intervals.get(name)
        if interval is None:
            return 0
        missed = round((at - self._expected[name]) / interval)
        self._expected[name] = at + interval
        return max(0, missed)
