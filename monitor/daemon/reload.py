"""Another configuration in force: read, built, swapped, drained."""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field

from monitor.config import Found, Settings, Written
from monitor.daemon.configuration import Configuration, Loaded
from monitor.daemon.house import House, Leaving
from monitor.daemon.lists import fetch_all
from monitor.daemon.wiring import Parts
from monitor.domain.errors import CannotStore, ConfigurationError
from monitor.engine.check import Check
from monitor.engine.events import Tell
from monitor.engine.schedule import Schedule

LEAVE_WITHIN = 300.0
"""Seconds that a look of a check that is gone may still take."""

_ADDED_AT_ONCE = 20
"""Checks put on the schedule before the loop gets its turn again."""

Remind = Callable[[], None]
Recall = Callable[[Sequence[Check], Mapping[str, str]], Awaitable[Remind]]
"""Looks up what is remembered of checks (and where their targets are now),
and returns what puts that on the board."""

Prepare = Callable[[Settings], Callable[[], Sequence[str]]]
"""Gets something ready for new settings, and returns what puts it in force.

The first may raise `ConfigurationError`; the second returns warnings.
"""


def _nothing() -> None:
    """Remember nothing."""


async def nothing_known(_: Sequence[Check], __: Mapping[str, str]) -> Remind:
    """Know nothing from before."""
    return _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What a reload changed; `at` is a Unix time in seconds.

    `warnings` are what was accepted and does not count, or not yet.
    """

    at: float
    settings: Settings
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class LastReload:
    """How the last reload ended: for the metrics."""

    successful: bool = True
    succeeded_at: float = 0.0


@dataclass(eq=False, slots=True, kw_only=True)
class Reload:
    """Puts configurations in force, one at a time.

    Whatever is wrong with a new one, the old one goes on unchanged.
    `prepare` are the parts beside the house that follow it.
    """

    configuration: Configuration
    house: House
    schedule: Schedule
    public_url: Callable[[Settings], str]
    prepare: Sequence[Prepare]
    tell: Tell
    recall: Recall = nothing_known
    last: LastReload = field(default_factory=LastReload)
    in_force: Settings | None = None
    written: Written | None = None
    _found: list[Found] = field(default_factory=list)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _leaving: set[asyncio.Task[None]] = field(default_factory=set)

    async def from_file(self) -> InForce:
        """Read the file and its lists anew. Raises `ConfigurationError`."""
        async with self._one_at_a_time:
            try:
                written = await asyncio.to_thread(self.configuration.read)
                found = await self._look_at_lists(written)
                return await self._put(written, found)
            except ConfigurationError:
                self.last.successful = False
                raise

    async def from_lists(self) -> InForce | None:
        """Read only the lists anew; None when they say the same.

        The file may be in the middle of being edited: it stays as it was
        read. Raises `ConfigurationError`.
        """
        if self._one_at_a_time.locked():
            return None  # the next time is soon enough
        async with self._one_at_a_time:
            try:
                found = await self._look_at_lists(self.written)
                if found == self._found:
                    return None
                return await self._put(self.written, found)
            except ConfigurationError:
                self.last.successful = False
                raise

    async def close(self, within: float) -> None:
        """Wait for what is leaving, `within` seconds at most."""
        if self._leaving:
            await asyncio.wait(set(self._leaving), timeout=within)
        for task in set(self._leaving):
            task.cancel()

    async def _look_at_lists(self, written: Written | None) -> list[Found]:
        found = await asyncio.to_thread(self.configuration.sources, written)
        asked = [f.source for f in found if not f.lists and not f.problems]
        answers = {f.source: f for f in await fetch_all(asked)}
        return [answers.get(one.source, one) for one in found]

    async def _put(
        self, written: Written | None, found: list[Found]
    ) -> InForce:
        loaded = await asyncio.to_thread(
            self.configuration.load, written, found
        )
        settings = loaded.settings
        ready = [prepare(settings) for prepare in self.prepare]
        parts = self.house.plan(settings, public_url=self.public_url(settings))
        before = self.house.parts
        remind, forgotten = await self._recall(parts)
        await self._swap(parts, remind)
        warnings = [*forgotten, *(line for put in ready for line in put())]
        self._keep(loaded, written, found)
        return _told(self.house.clock.now(), before, parts, loaded, warnings)

    async def _recall(self, parts: Parts) -> tuple[Remind, Sequence[str]]:
        """Return what brings back what was known of checks that are new.

        Without the state database they begin anew, with a warning; at the
        start its error is raised.
        """
        board = self.house.board
        new = [c for c in parts.checks() if board.find(c.key) is None]
        urls = {
            name: server.settings.url for name, server in parts.servers.items()
        }
        try:
            return await self.recall(new, urls), ()
        except CannotStore as error:
            if self.in_force is None:
                raise
            return _nothing, [str(error)]

    async def _swap(self, parts: Parts, remind: Remind) -> None:
        """Change the house over; only new checks come one after another."""
        known = {entry.check.key for entry in self.house.board.entries()}
        rewired, leaving = self.house.put(parts)
        remind()
        gone = set(rewired.checks)
        under_way = [
            task for key in gone for task in self.schedule.remove(key)
        ]
        self.tell(rewired)
        task = asyncio.create_task(close_when_idle(leaving, under_way))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        new = (
            c for c in parts.checks() if c.key in gone or c.key not in known
        )
        for number, check in enumerate(new):
            self.schedule.add(check)
            if number % _ADDED_AT_ONCE == 0:
                await asyncio.sleep(0)  # a thousand would hold the loop

    def _keep(
        self, loaded: Loaded, written: Written | None, found: list[Found]
    ) -> None:
        self.configuration.keep(loaded)
        self.in_force, self.written = loaded.settings, written
        self._found = found
        self.last.successful = not loaded.problems
        if self.last.successful:
            self.last.succeeded_at = self.house.clock.now()


async def close_when_idle(
    leaving: Leaving, under_way: Collection[asyncio.Task[None]]
) -> None:
    """Close connections once the looks that use them have ended."""
    try:
        if under_way:
            await asyncio.wait(under_way, timeout=LEAVE_WITHIN)
    finally:
        await leaving.close()


def _told(
    at: float,
    before: Parts,
    after: Parts,
    loaded: Loaded,
    warnings: Sequence[str],
) -> InForce:
    added: set[str] = set()
    changed: set[str] = set()
    removed: set[str] = set()
    pairs: Sequence[tuple[Mapping[str, object], Mapping[str, object]]] = (
        (before.machines, after.machines),
        (before.servers, after.servers),
    )
    for old, new in pairs:
        added |= new.keys() - old.keys()
        changed |= {n for n in new.keys() & old.keys() if new[n] is not old[n]}
        removed |= old.keys() - new.keys()
    return InForce(
        at=at,
        settings=loaded.settings,
        added=tuple(sorted(added)),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(removed)),
        warnings=(*loaded.problems, *loaded.notes, *warnings),
    )
