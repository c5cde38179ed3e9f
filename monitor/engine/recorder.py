"""The recorder: writes diagnoses and pages down, in order, off the watch."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from monitor.domain.diagnosis.paging import Page
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.errors import MonitorError
from monitor.domain.history import DIAGNOSIS
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.events import (
    Diagnosed,
    Event,
    Forgot,
    Paged,
    PageEnded,
    Tell,
)
from monitor.ports import Store

WAITING = 1000
"""Records that wait for a state database that does not answer."""
WRITE_WAIT = 2.0
"""Seconds that one record is waited for."""
TRIES = 5
"""Times that one record is tried, `AGAIN` seconds apart."""
AGAIN = 5.0

Record = DiagnosisRecord | PageRecord
Sleep = Callable[[float], Awaitable[None]]


class Recorder:
    """Hears what happens and keeps what is worth it.

    What cannot be written is tried again for a while and then told, never
    in the way of watching. `url` returns where a server is.
    """

    def __init__(
        self,
        store: Store,
        tell: Tell,
        url: Callable[[str], str],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._tell = tell
        self._url = url
        self._sleep = sleep
        self._waiting: deque[Record] = deque()
        self._more = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def heard(self, event: Event) -> None:
        """Queue what is to be kept."""
        record = self._record(event)
        if record is None:
            return
        if len(self._waiting) >= WAITING:
            self._lost(record, f"{WAITING} others wait to be written")
            return
        self._waiting.append(record)
        self._more.set()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self, within: float) -> None:
        """Write what waits, for so many seconds at most, and end."""
        if self._task is None:
            return
        self._closing = True
        self._more.set()
        await asyncio.wait({self._task}, timeout=within)
        self._task.cancel()
        await asyncio.wait({self._task})
        self._task = None
        for record in self._waiting:
            self._lost(record, "the monitor ended before")
        self._waiting.clear()

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                await self._write(self._waiting[0])
                self._waiting.popleft()

    async def _write(self, record: Record) -> None:
        because = ""
        for tried in range(TRIES):
            if tried:
                await self._sleep(AGAIN)
            try:
                async with asyncio.timeout(WRITE_WAIT):
                    await self._keep(record)
            except TimeoutError:
                because = f"no answer within {WRITE_WAIT:g} s"
            except MonitorError as error:
                because = str(error)
            except Exception as error:  # noqa: BLE001 - the next one is due
                because = f"cannot keep it: {type(error).__name__}: {error}"
            else:
                return
        self._lost(record, because)

    async def _keep(self, record: Record) -> None:
        if isinstance(record, DiagnosisRecord):
            await self._store.keep_diagnosis(record)
        else:
            await self._store.keep_page(record)

    def _lost(self, record: Record, because: str) -> None:
        key = CheckKey(
            kind=Kind.TARGET, subject=record.target, check=DIAGNOSIS
        )
        self._tell(Forgot(key=key, because=because))

    def _record(self, event: Event) -> Record | None:
        match event:
            case Diagnosed():
                return self._diagnosis(event)
            case Paged():
                return page_record(event.page)
            case PageEnded():
                return page_record(event.page, ended_at=event.at)
            case _:
                return None

    def _diagnosis(self, event: Diagnosed) -> DiagnosisRecord:
        after, before = event.after, event.before
        return DiagnosisRecord(
            target=event.target,
            at=after.at,
            cause=after.cause,
            health=after.health,
            severity=after.severity,
            because=after.because,
            before=before.cause,
            before_health=before.health,
            maintenance=event.maintenance,
            url=self._url(event.target),
        )


def page_record(page: Page, *, ended_at: float | None = None) -> PageRecord:
    """Return a page as it is kept; `ended_at` None while it holds."""
    return PageRecord(
        target=page.target,
        at=page.at,
        host=page.host,
        cause=page.cause,
        severity=page.severity,
        because=page.because,
        remedies=page.remedies,
        withheld=page.withheld,
        withheld_because=page.withheld_because,
        ended_at=ended_at,
    )
