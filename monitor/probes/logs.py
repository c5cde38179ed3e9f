"""Looks at what came into a FaceFusion server's log since the last look.

DEGRADED: a line that tells of trouble, within the last five minutes.
UNKNOWN: the log cannot be read. A line alone never makes a server DOWN:
what it is worth beside all else is for the diagnosis.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from monitor.domain.errors import CannotReach
from monitor.domain.joblog.log import (
    LogMemory,
    LogPart,
    When,
    Where,
    learn,
    read_log,
)
from monitor.domain.joblog.reading import LogReading
from monitor.domain.joblog.verdict import (
    LOG_MISSING,
    Verdict,
    judge_log,
    unread,
)
from monitor.domain.machine.answered import Answered
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Clock, Gate
from monitor.probes.observing import observe

LIMIT = 262_144
"""Bytes of a log that one look brings at most, the newest."""
_LONG = 200
"""Lines above which they are read in a thread: a line costs some 10 µs, and
the event loop may be held for 10 ms."""


def _unknown() -> float | None:
    return None


class LogsProbe:
    """One server's log, and how far it was read.

    `source` is journal, docker or file, of `unit` or at `path`. `directory`
    is where FaceFusion is installed. `server_started` says when the server
    that runs now was started, Unix time by the host's clock, None where
    that is not known.
    """

    def __init__(  # noqa: PLR0913 - what it asks for, and its doors
        self,
        key: CheckKey,
        gate: Gate,
        clock: Clock,
        *,
        source: str,
        unit: str,
        path: str,
        within: float,
        directory: str = "",
        server_started: Callable[[], float | None] = _unknown,
    ) -> None:
        self._key = key
        self._gate = gate
        self._clock = clock
        self._where = Where(source=source, directory=directory)
        self._asked = {"source": source, "unit": unit, "path": path}
        self._within = within
        self._server_started = server_started
        self._memory = LogMemory()

    async def look(self) -> Observation:
        """Look once."""
        return await observe(self._key, self._clock, self._ask(), "logs")

    async def _ask(self) -> Verdict:
        cursor = self._memory.cursor
        asked = {**self._asked, "cursor": cursor, "limit": LIMIT}
        try:
            answer = await self._gate.observe(
                {"log": asked}, within=self._within
            )
        except CannotReach as failed:
            return unread(failed.reason, self._nothing(), str(failed))
        started = self._server_started()
        if _is_long(answer.body):
            return await asyncio.to_thread(self._read, answer.body, started)
        return self._read(answer.body, started)

    def _read(
        self, body: Mapping[str, object], started: float | None
    ) -> Verdict:
        told = Answered(body)
        part = _part(told)
        if part is None:
            return unread(LOG_MISSING, self._nothing(told))
        now = self._clock.now() if told.at is None else told.at
        self._memory, reading = learn(
            self._memory,
            part,
            When(now=now, started=started),
            self._where,
        )
        return judge_log(replace(reading, gaps=told.gaps), now)

    def _nothing(self, told: Answered | None = None) -> LogReading:
        """Return that nothing new is known; what was counted stays."""
        return LogReading(
            source=self._where.source,
            cursor=self._memory.cursor,
            counts=self._memory.counts,
            gaps=told.gaps if told else (),
        )


def _part(told: Answered) -> LogPart | None:
    given = told.part("log")
    if given is None:
        return None
    return told.kept("log", "", lambda: read_log(given))


def _is_long(body: Mapping[str, object]) -> bool:
    match body:
        case {"parts": {"log": {"lines": list(lines)}}}:
            return len(lines) > _LONG
        case _:
            return False
