"""Looks at one server without a daemon, and believes every look at once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from monitor.daemon.house import House
from monitor.domain.diagnosis.case import Case
from monitor.domain.judgement import Patience, judge
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.check import Check
from monitor.engine.evidence import CANARY, CONTROL, Evidence
from monitor.engine.looking import look_in_time

AT_ONCE = Patience(failures=1, successes=1, degraded_of=(1, 1))
"""Nobody looked before and nobody will again: one look is the opinion."""
_LASTS = 3600.0
"""Seconds that a look is evidence: as long as anybody waits for a canary."""
_CLEANS_UP = 20.0
"""Seconds for a look that was cut off: a canary has 15 to clean up."""
_AFTER = {
    "process": "host",
    "logs": "process",
    "jobs": "process",
    "gpu": "process",
}
"""What must have been looked at before: it says since when, and whose."""


class FirstLooks:
    """One server's checks by name, and what was seen with them.

    Its machine's are `host` and `gpu`, the look at our own network is
    `control`. Of its canaries only the one that is chosen is there.
    """

    def __init__(self, house: House, target: str, *, canary: bool) -> None:
        board = house.board
        chosen = _chosen(house, target) if canary else None
        board.rewire(
            board.targets.values(),
            board.hosts.values(),
            [
                _believed(check)
                for check in house.checks
                if check.kind != CANARY or check is chosen
            ],
        )
        self._house = house
        self._target = target
        self._evidence = Evidence(board)
        self._tasks: dict[str, asyncio.Task[Observation]] = {}
        self.checks = {c.key.check: c for c in self._of_target()}
        self.again: dict[str, list[Observation]] = {}

    @property
    def canary(self) -> Check | None:
        """The canary that is chosen, None without one."""
        found = (c for c in self.checks.values() if c.kind == CANARY)
        return next(found, None)

    def begin(self) -> None:
        """Begin to look at everything but the canaries."""
        quick = [c for c in self.checks.values() if c.kind != CANARY]
        for check in quick:
            looking = self._after_others(check)
            self._tasks[check.key.check] = asyncio.create_task(looking)

    async def end(self) -> None:
        """Let nothing go on that was begun."""
        going = {task for task in self._tasks.values() if not task.done()}
        for task in going:
            task.cancel()
        if going:
            await asyncio.wait(going)

    async def seen(self, name: str) -> Observation | None:
        """Return the first look at a check, None where there is none."""
        task = self._tasks.get(name)
        return None if task is None else await task

    async def look(self, check: Check) -> Observation:
        """Look now, and believe it."""
        clock = self._house.clock
        seen = await look_in_time(check, clock, cleans_up=_CLEANS_UP)
        entry = self._house.board.entry(check.key)
        track, _ = judge(entry.track, seen, check.patience)
        self._house.board.post(check, seen, track)
        self._evidence.saw(seen, track)
        return seen

    async def look_again(self, *names: str) -> None:
        """Look once more at those of these checks that there are."""
        for seen in await self.look_at(*names):
            self.again.setdefault(seen.key.check, []).append(seen)

    async def look_at(self, *names: str) -> list[Observation]:
        """Look at those of these checks that there are, all at once."""
        checks = [self.checks[one] for one in names if one in self.checks]
        return await asyncio.gather(*map(self.look, checks))

    def case(self) -> Case:
        """Return all that is known of the server now."""
        return self._evidence.case(self._target, self._house.clock.now())

    async def _after_others(self, check: Check) -> Observation:
        before = self._tasks.get(_AFTER.get(check.key.check, ""))
        if before is not None:
            await asyncio.wait({before})
        return await self.look(check)

    def _of_target(self) -> Iterator[Check]:
        host = self._house.board.targets[self._target].host
        wanted = {(Kind.TARGET, self._target), (Kind.HOST, host)}
        for check in self._house.checks:
            key: CheckKey = check.key
            if key == CONTROL or (key.kind, key.subject) in wanted:
                yield check


def _chosen(house: House, target: str) -> Check | None:
    """Return the guide's test: the first enhance, else the first there is."""
    canaries = [
        check
        for check in house.checks
        if check.kind == CANARY and check.key.subject == target
    ]
    enhance = [c for c in canaries if ("operation", "enhance") in c.labels]
    return next(iter([*enhance, *canaries]), None)


def _believed(check: Check) -> Check:
    return replace(check, patience=AT_ONCE, interval=_LASTS)
