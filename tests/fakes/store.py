"""A store that keeps everything in lists; it can be full, or locked."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.canary.reading import CanaryReading
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.history import DIAGNOSIS, Kept, Moment
from monitor.domain.judgement import Transition
from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.ports import KeptAnswer, Told


class FakeStore:
    """Everything that was told, in order; `moments` is read newest first."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.tracks: dict[CheckKey, Kept] = {}
        self.moments: list[Moment] = []
        self.last_diagnoses: dict[str, DiagnosisRecord] = {}
        self.all_pages: dict[tuple[str, float], PageRecord] = {}
        self.all_windows: dict[str, Window] = {}
        self.answers: dict[str, KeptAnswer] = {}
        self.full = False
        self.locked: asyncio.Event | None = None

    @property
    def runs(self) -> list[Observation]:
        return [
            told.seen
            for told in self.told
            if isinstance(told.seen.reading, CanaryReading)
        ]

    @property
    def transitions(self) -> list[Transition]:
        return [t.changed for t in self.told if t.changed is not None]

    async def remember(self, told: Told) -> None:
        await self._open()
        self.told.append(told)
        self.tracks[told.seen.key] = Kept(
            key=told.seen.key,
            track=told.track,
            last_success=told.last_success,
            told_at=told.told_at,
            url=told.url,
        )
        moment = _moment(len(self.moments) + 1, told)
        if moment is not None:
            self.moments.append(moment)

    async def kept(self) -> Sequence[Kept]:
        await self._open()
        return list(self.tracks.values())

    async def canary_history(
        self, key: CheckKey, *, limit: int, url: str | None = None
    ) -> Sequence[Observation]:
        await self._open()
        runs = [
            told.seen
            for told in reversed(self.told)
            if isinstance(told.seen.reading, CanaryReading)
            and told.seen.key == key
            and url in {None, told.url}
        ]
        return runs[:limit]

    async def history(
        self,
        kind: Kind,
        subject: str,
        *,
        since: float,
        limit: int,
        before: int | None = None,
    ) -> Sequence[Moment]:
        await self._open()
        found = [
            m
            for m in reversed(self.moments)
            if (m.key.kind, m.key.subject) == (kind, subject)
            and m.at >= since
            and (before is None or m.id < before)
        ]
        return found[:limit]

    async def keep_diagnosis(self, record: DiagnosisRecord) -> None:
        await self._open()
        self.last_diagnoses[record.target] = record
        key = CheckKey(
            kind=Kind.TARGET, subject=record.target, check=DIAGNOSIS
        )
        self.moments.append(
            Moment(
                id=len(self.moments) + 1,
                key=key,
                at=record.at,
                health=record.health,
                because=record.because,
                reason=record.cause,
                before=record.before_health,
                maintenance=record.maintenance,
                was=record.before,
                severity=record.severity,
            )
        )

    async def diagnoses(self) -> Sequence[DiagnosisRecord]:
        await self._open()
        return list(self.last_diagnoses.values())

    async def keep_page(self, record: PageRecord) -> None:
        await self._open()
        place = (record.target, record.at)
        held = self.all_pages.get(place)
        number = len(self.all_pages) + 1 if held is None else held.id
        self.all_pages[place] = replace(record, id=number)

    async def pages(
        self,
        *,
        since: float,
        limit: int,
        before: int | None = None,
        target: str = "",
    ) -> Sequence[PageRecord]:
        await self._open()
        found = [
            page
            for page in reversed(self.all_pages.values())
            if (page.ended_at is None or page.ended_at > since)
            and (before is None or page.id < before)
            and target in {"", page.target}
        ]
        return found[:limit]

    async def windows(self, *, ended_after: float) -> Sequence[Window]:
        await self._open()
        open_ = [w for w in self.all_windows.values() if w.end > ended_after]
        return sorted(open_, key=lambda w: (w.ends_at, w.id))

    async def keep_window(self, window: Window) -> None:
        await self._open()
        self.all_windows[window.id] = window

    async def answer_to(self, key: str) -> KeptAnswer | None:
        await self._open()
        return self.answers.get(key)

    async def keep_answer(self, key: str, answer: KeptAnswer) -> None:
        await self._open()
        self.answers.setdefault(key, answer)

    async def _open(self) -> None:
        if self.locked is not None:
            await self.locked.wait()
        if self.full:
            raise CannotStore("cannot use the state database: disk full")


def _moment(number: int, told: Told) -> Moment | None:
    seen, changed = told.seen, told.changed
    run = seen.reading if isinstance(seen.reading, CanaryReading) else None
    if seen.succeeded and changed is None and run is None:
        return None
    before: Health | None = None if changed is None else changed.before
    return Moment(
        id=number,
        key=seen.key,
        at=seen.at,
        health=seen.health if changed is None else changed.after,
        because=seen.because,
        reason=seen.reason,
        before=before,
        result=None if run is None else run.result,
        seconds=None if run is None else run.duration,
        maintenance=told.maintenance,
    )
