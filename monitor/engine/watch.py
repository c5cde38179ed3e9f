"""The watch: look, judge, remember, tell. One turn of one check at a time."""

import asyncio
from contextlib import AsyncExitStack
from weakref import WeakValueDictionary

from monitor.domain.errors import MonitorError
from monitor.domain.judgement import judge
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.board import Board
from monitor.engine.check import Check, Held, Rules
from monitor.engine.entry import Entry
from monitor.engine.events import (
    Broke,
    Forgot,
    Looked,
    Skipped,
    Started,
    Tell,
)
from monitor.engine.looking import look_in_time
from monitor.ports import Clock, Due, Store, Told

LANE_WAIT = 300.0
"""Seconds that a canary waits for another one of its lane."""
REMEMBER_WAIT = 2.0
"""Seconds that a turn waits for the store: watching goes on without it."""
LOOKS_AT_ONCE = 500
"""Looks under way at the same time; each may hold a file descriptor."""
CANARIES_AT_ONCE = 200
"""Canaries under way. They last minutes where a server hangs, and must not
take the room of quick looks."""

OVERLAP = Held(reason="overlap", because="the look before it still runs")


class Watch:
    """Runs checks and keeps the board.

    A check that is still running is not started again: the run is skipped
    and told. Whatever a probe does, a turn ends.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        board: Board,
        store: Store,
        tell: Tell,
        rules: Rules | None = None,
    ) -> None:
        self._clock = clock
        self._board = board
        self._store = store
        self._tell = tell
        self._rules = rules or Rules()
        self._running: dict[CheckKey, asyncio.Event] = {}
        self._room = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._canaries = asyncio.Semaphore(CANARIES_AT_ONCE)
        self._stopping = False
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = (
            WeakValueDictionary()
        )

    @property
    def lanes(self) -> int:
        """How many lanes are held or waited for."""
        return len(self._lanes)

    @property
    def is_stopping(self) -> bool:
        """Whether no more looks are begun."""
        return self._stopping

    async def is_over(self, key: CheckKey) -> None:
        """Return once the look of a check that is under way has ended."""
        under_way = self._running.get(key)
        if under_way is not None:
            await under_way.wait()

    def stop(self) -> None:
        """Begin no more looks; those under way go on."""
        self._stopping = True

    async def turn(
        self, check: Check, due: Due | None = None
    ) -> Looked | None:
        """Take one turn; None when it was skipped.

        `due` is None for a look that somebody asked for out of schedule:
        that one is not held back.
        """
        if due is not None:
            self._started(check, due)
        held = self._held_back(check, due)
        if held is not None:
            self._skip(check, held)
            return None
        self._running[check.key] = over = asyncio.Event()
        try:
            return await self._in_lane(check)
        finally:
            del self._running[check.key]
            over.set()

    def _held_back(self, check: Check, due: Due | None) -> Held | None:
        if check.key in self._running:
            return OVERLAP
        return None if due is None else self._rules.hold(check)

    def _skip(self, check: Check, held: Held) -> None:
        skipped = Skipped(
            check=check,
            reason=held.reason,
            because=held.because,
            at=self._clock.now(),
        )
        self._board.skip(skipped)
        self._tell(skipped)

    async def _in_lane(self, check: Check) -> Looked | None:
        if not check.lane:
            return await self._take(check, self._room)
        wait = min(check.interval, LANE_WAIT)
        async with AsyncExitStack() as lanes:
            try:
                async with asyncio.timeout(wait):
                    for lane in self._lanes_of(check):
                        await lanes.enter_async_context(lane)
            except TimeoutError:
                self._skip(check, _lane_taken(wait))
                return None
            return await self._take(check, self._canaries)

    def _lanes_of(self, check: Check) -> list[asyncio.Lock]:
        """Return the locks of a check: its subject's, then its lane's.

        Both, because a new configuration may have moved it to another lane
        while a look of its subject goes on in the old one.
        """
        names = (f"{check.key.kind} {check.key.subject}", check.lane)
        return [self._lanes.setdefault(name, asyncio.Lock()) for name in names]

    def _started(self, check: Check, due: Due) -> None:
        lag = max(0.0, self._clock.now() - due.at)
        self._tell(Started(check=check, lag=lag, missed=due.missed))

    async def _take(
        self, check: Check, room: asyncio.Semaphore
    ) -> Looked | None:
        async with room:
            if self._stopping or self._entry(check) is None:
                return None
            seen = await self._look(check)
        entry = self._entry(check)
        if entry is None:
            return None
        track, changed = judge(entry.track, seen, check.patience)
        entry = self._board.post(check, seen, track)
        looked = Looked(
            check=check,
            seen=seen,
            track=track,
            changed=changed,
            maintenance=self._rules.planned(check.key),
        )
        self._tell(looked)
        await self._remember(looked, entry)
        return looked

    def _entry(self, check: Check) -> Entry | None:
        """Return its entry; None when another configuration is in force."""
        entry = self._board.find(check.key)
        return entry if entry is not None and entry.check is check else None

    async def _remember(self, looked: Looked, entry: Entry) -> None:
        """Store what was seen; a locked or full disk stops no watching."""
        told = Told(
            seen=looked.seen,
            track=looked.track,
            changed=looked.changed,
            maintenance=looked.maintenance,
            last_success=entry.last_success,
            told_at=entry.told_at,
            url=self._board.url(looked.check.key),
        )
        try:
            async with asyncio.timeout(REMEMBER_WAIT):
                await self._store.remember(told)
        except TimeoutError:
            because = (
                "cannot use the state database: no answer within"
                f" {REMEMBER_WAIT:g} s; see who else has it open"
            )
            self._tell(Forgot(key=looked.check.key, because=because))
        except MonitorError as error:
            self._tell(Forgot(key=looked.check.key, because=str(error)))

    async def _look(self, check: Check) -> Observation:
        def broke(error: BaseException) -> None:
            self._tell(Broke(key=check.key, error=error))

        return await look_in_time(check, self._clock, broke)


def _lane_taken(wait: float) -> Held:
    return Held(
        reason="target_busy",
        because=f"other canaries took longer than {wait:g} s",
    )
