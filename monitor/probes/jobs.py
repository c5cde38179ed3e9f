"""Looks at the jobs folder of a FaceFusion server.

UNKNOWN: the folder cannot be read. A job in work whose process is gone is
told with a reason: the next `job-run-all` would run it again. It makes the
server that runs now neither down nor degraded.
"""

from collections.abc import Callable
from dataclasses import replace

from monitor.domain.errors import CannotReach
from monitor.domain.joblog.jobs import read_jobs, with_orphans, with_stuck
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.joblog.verdict import (
    JOBS_MISSING,
    Verdict,
    judge_jobs,
    unread,
)
from monitor.domain.machine.answered import Answered
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Gate
from monitor.probes.observing import observe

STUCK_AFTER = 1800.0
"""Seconds without a change after which a job without a sign of work is
told. Nothing changes in its file while a long video is worked on."""


def _unknown() -> bool | None:
    return None


class JobsProbe:
    """One server's jobs folder at `directory`.

    `server_started` says when the oldest FaceFusion process that runs was
    started, Unix time by the host's clock; infinity when none runs, None
    where that is not known. `working` says whether work is seen.
    """

    def __init__(  # noqa: PLR0913 - what it asks for, and its doors
        self,
        key: CheckKey,
        gate: Gate,
        clock: Clock,
        *,
        directory: str,
        server_started: Callable[[], float | None],
        within: float,
        working: Callable[[], bool | None] = _unknown,
        stuck_after: float = STUCK_AFTER,
    ) -> None:
        self._key = key
        self._gate = gate
        self._clock = clock
        self._directory = directory
        self._server_started = server_started
        self._within = within
        self._working = working
        self._stuck_after = stuck_after

    async def look(self) -> Observation:
        """Look once."""
        return await observe(self._key, self._clock, self._ask(), "jobs")

    async def _ask(self) -> Verdict:
        started = self._server_started()
        asked = {"directory": self._directory}
        try:
            answer = await self._gate.observe(
                {"jobs": asked}, within=self._within
            )
        except CannotReach as failed:
            return unread(failed.reason, self._nothing(), str(failed))
        return self._read(Answered(answer.body), started)

    def _read(self, told: Answered, started: float | None) -> Verdict:
        seen = self._seen(told)
        if seen is None:
            return unread(JOBS_MISSING, self._nothing(told))
        now = self._clock.now() if told.at is None else told.at
        reading = with_stuck(
            with_orphans(replace(seen, gaps=told.gaps), started),
            now=now,
            limit=self._stuck_after,
            working=self._working(),
        )
        return judge_jobs(reading)

    def _seen(self, told: Answered) -> JobsReading | None:
        given = told.part("jobs")
        if given is None:
            return None
        return told.kept("jobs", "", lambda: read_jobs(given, self._directory))

    def _nothing(self, told: Answered | None = None) -> JobsReading:
        return JobsReading(
            directory=self._directory, gaps=told.gaps if told else ()
        )
