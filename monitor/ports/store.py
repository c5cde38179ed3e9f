"""The door to what survives a restart."""

from collections.abc import (
    Sequence,
)
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.history import Kept, Moment
from monitor.domain.judgement import Track, Transition
from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey, Kind, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One look as the store is told it.

    `url` is where a target is, empty for a machine.
    """

    seen: Observation
    track: Track
    changed: Transition | None = None
    maintenance: bool = False
    last_success: float | None = None
    told_at: float | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer of ours, kept for whoever asks the same again.

    `request` is a digest of what was asked; `at` a Unix time in seconds.
    """

    request: str
    code: int
    body: bytes
    at: float


class Store(Protocol):
    """What survives a restart. Every method may raise `CannotStore`."""

    async def remember(self, told: Told) -> None:
        """Keep a look: its track always, the look when it is worth it.

        Worth keeping are canary runs, changed opinions and failed looks.
        Tracks may be written together a second later; a changed opinion
        is on disk when this returns.
        """
        ...

    async def kept(self) -> Sequence[Kept]:
        """Return the track of every check that was ever remembered."""
        ...

    async def canary_history(
        self, key: CheckKey, *, limit: int, url: str | None = None
    ) -> Sequence[Observation]:
        """Return the last runs of a canary, newest first.

        With `url` only those of the server that was there.
        """
        ...

    async def history(
        self,
        kind: Kind,
        subject: str,
        *,
        since: float,
        limit: int,
        before: int | None = None,
    ) -> Sequence[Moment]:
        """Return what happened to a target or host, newest first.

        `before` leaves out the moments with that id and later ones.
        """
        ...

    async def keep_diagnosis(self, record: DiagnosisRecord) -> None:
        """Keep that a diagnosis changed; it shows in `history` too."""
        ...

    async def diagnoses(self) -> Sequence[DiagnosisRecord]:
        """Return the last diagnosis of every server."""
        ...

    async def keep_page(self, record: PageRecord) -> None:
        """Keep a page, or what became of it, by server and beginning."""
        ...

    async def pages(
        self,
        *,
        since: float,
        limit: int,
        before: int | None = None,
        target: str = "",
    ) -> Sequence[PageRecord]:
        """Return pages that ended after `since` or hold, newest first.

        `before` leaves out the one with that id and later ones; `target`
        all of other servers.
        """
        ...

    async def windows(self, *, ended_after: float) -> Sequence[Window]:
        """Return maintenance windows that end after a Unix time."""
        ...

    async def keep_window(self, window: Window) -> None:
        """Keep a maintenance window, or what became of it, by its id."""
        ...

    async def answer_to(self, key: str) -> KeptAnswer | None:
        """Return what an idempotency key was answered with, if it was."""
        ...

    async def keep_answer(self, key: str, answer: KeptAnswer) -> None:
        """Keep an answer for a day; the first one for a key stays."""
        ...
