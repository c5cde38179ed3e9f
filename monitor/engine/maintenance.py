"""The book of planned work: who is in maintenance now."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import replace

from monitor.domain.errors import CannotStore
from monitor.domain.fleet import Target
from monitor.domain.maintenance import (
    CannotPlan,
    Window,
    check_window,
    has_dates,
)
from monitor.domain.observation import CheckKey, Kind
from monitor.ports import Clock, Store

MOST = 500
"""Windows under way or to come: each look goes through those under way."""
STORE_WAIT = 10.0
"""Seconds that starting or ending one waits for the store."""


class Book:
    """Maintenance windows, in memory and in the store.

    `targets` and `hosts` are asked anew each time, so that a reload counts
    at once. A window that was not written is not in force: otherwise a
    restart would page for planned work.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        store: Store,
        targets: Callable[[], Mapping[str, Target]],
        hosts: Callable[[], Collection[str]],
    ) -> None:
        self._clock = clock
        self._store = store
        self._targets = targets
        self._hosts = hosts
        self._windows: dict[str, Window] = {}
        self._writing = asyncio.Lock()

    async def restore(self) -> None:
        """Take back the windows that are not over. Raises `CannotStore`.

        One whose times are no dates stays where it is: no answer could
        show it.
        """
        async with self._patiently("read the maintenance windows"):
            found = await self._store.windows(ended_after=self._clock.now())
        for window in list(filter(has_dates, found))[:MOST]:
            self._windows.setdefault(window.id, window)

    def windows(self) -> Sequence[Window]:
        """Return the windows under way and to come, soonest first."""
        now = self._clock.now()
        left = [w for w in self._windows.values() if now < w.end]
        return sorted(left, key=lambda w: (w.starts_at, w.id))

    async def start(self, window: Window) -> Window:
        """Plan work. Its id is the caller's and must be new.

        Raises `CannotPlan` when it makes no sense or there are too many,
        `CannotStore` when it could not be written; then nothing is planned.
        """
        async with self._patiently("keep the maintenance window"):
            self._check(window)
            await self._store.keep_window(window)
            self._windows[window.id] = window
        return window

    async def end(self, window_id: str, at: float) -> Window | None:
        """End a window at a Unix time, or take it back before it began.

        None for an id that we do not know or that is over. Raises
        `CannotStore` when that could not be written; then it goes on.
        """
        async with self._patiently("end the maintenance window"):
            window = self._windows.get(window_id)
            if window is None or window.end <= self._clock.now():
                return None
            ended = replace(window, ended_at=at)
            await self._store.keep_window(ended)
            if ended.end <= self._clock.now():
                del self._windows[window_id]  # also if the clock goes back
            else:
                self._windows[window_id] = ended
            return ended

    def planned(self, target: str) -> Window | None:
        """Return the window that a server is in, None when in none."""
        if not self._windows:
            return None
        facts = self._targets().get(target)
        if facts is None:
            return None
        now = self._clock.now()
        for window in tuple(self._windows.values()):  # scrapes ask, too
            if window.holds(now) and window.selector.matches(facts):
                return window
        return None

    def planned_host(self, host: str) -> Window | None:
        """Return the window that names a machine, None when none does."""
        if not self._windows:
            return None
        now = self._clock.now()
        for window in tuple(self._windows.values()):
            if window.holds(now) and host in window.selector.hosts:
                return window
        return None

    def covers(self, key: CheckKey) -> bool:
        """Return whether what a check looks at is in maintenance."""
        if key.kind is Kind.TARGET:
            return self.planned(key.subject) is not None
        named = key.kind is Kind.HOST and self.planned_host(key.subject)
        return bool(named)

    def _check(self, window: Window) -> None:
        now = self._clock.now()
        self._windows = {
            id_: w for id_, w in self._windows.items() if now < w.end
        }
        if window.id in self._windows:
            raise CannotPlan(
                f"cannot start maintenance: {window.id} is there already;"
                " give it another id"
            )
        if len(self._windows) >= MOST:
            raise CannotPlan(
                f"cannot start maintenance: {MOST} windows are open; end"
                " some, or select several targets with one"
            )
        check_window(window, now, self._targets(), self._hosts())

    @asynccontextmanager
    async def _patiently(self, what: str) -> AsyncIterator[None]:
        """One at a time, and not for ever."""
        try:
            async with asyncio.timeout(STORE_WAIT), self._writing:
                yield
        except TimeoutError:
            raise CannotStore(
                f"cannot {what}: the state database did not answer within"
                f" {STORE_WAIT:g} s; see who else has it open"
            ) from None
