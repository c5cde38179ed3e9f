"""The pager: which pages hold, told or withheld."""

from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Sequence,
)
from dataclasses import replace

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.paging import (
    OF_HOST,
    TAKES_OVER_AFTER,
    Around,
    Page,
    page,
    speaks_for,
)
from monitor.domain.diagnosis.record import PageRecord
from monitor.domain.fleet import Target
from monitor.engine.events import Paged, PageEnded, Tell

GOES_ON = 120.0
"""Seconds in which the same page again is the one that ended: a server that
comes and goes has one page, as with `keep_firing_for` in our alert rules."""

_Kind = tuple[str, str, str, str]
"""Of which server, the cause, the severity, and why it is withheld."""
Why = Callable[[str], str]
"""Says of a server why something is so, empty when it is not."""


def never(_: str) -> str:
    """Know of nothing."""
    return ""


class Pager:
    """Keeps at most one page a server.

    `planned` says which work on a server is planned, `changing` which change
    of our own is under way.
    """

    def __init__(
        self, *, tell: Tell, planned: Why = never, changing: Why = never
    ) -> None:
        self.planned = planned
        self._tell = tell
        self._changing = changing
        self._pages: dict[str, Page] = {}
        self._over: dict[_Kind, tuple[float, float]] = {}
        self._spoke: dict[tuple[str, str], tuple[str, float]] = {}

    def page(self, target: str) -> Page | None:
        """Return the page that holds, told or withheld."""
        return self._pages.get(target)

    def restore(
        self,
        records: Iterable[PageRecord],
        targets: Container[str],
        now: float,
    ) -> None:
        """Take up the pages that held before a restart.

        Those of servers that are not watched any more end, and so do all
        but the newest of a server: the end of one could not be kept.
        """
        for one in sorted(records, key=lambda one: -one.id):
            if one.ended_at is not None:
                continue
            if one.target in targets and one.target not in self._pages:
                self._pages[one.target] = _recalled(one)
            else:
                self._tell(PageEnded(page=_recalled(one), at=now))

    def follow(
        self,
        target: Target,
        diagnosis: Diagnosis,
        flapping: Sequence[str],
        now: float,
    ) -> None:
        """Begin, keep or end a server's page as its diagnosis is now.

        `flapping` names the checks it rests on that flap.
        """
        held = self._pages.get(target.name)
        around = self._around(target, diagnosis.cause, flapping, now)
        fresh = page(target.name, target.host, diagnosis, around, held)
        if held is not None and (fresh is None or fresh.at != held.at):
            self._end(held, now)
        if fresh is None:
            return
        fresh = self._gone_on(fresh, now)
        self._pages[target.name] = fresh
        if held is None or fresh.at != held.at:
            self._tell(Paged(page=fresh))

    def _gone_on(self, fresh: Page, now: float) -> Page:
        """Return the page as one with the same that has just ended."""
        began, ended = self._over.get(_kind(fresh), (fresh.at, 0.0))
        just = 0 <= now - ended < GOES_ON
        return replace(fresh, at=began) if just else fresh

    def forget(self, targets: Collection[str], now: float) -> None:
        """End the pages of servers that are not watched any more."""
        for name in targets:
            held = self._pages.get(name)
            if held is not None:
                self._end(held, now)

    def _around(
        self, target: Target, cause: str, flapping: Sequence[str], now: float
    ) -> Around:
        flaps = ", ".join(flapping)
        return Around(
            maintenance=self.planned(target.name),
            own_change=self._changing(target.name),
            flapping=f"{flaps} flaps" if flaps else "",
            parent=self._parent(target, cause, now),
        )

    def _parent(self, target: Target, cause: str, now: float) -> str:
        """Return the server that speaks for the machine, or just did."""
        others = self._pages.values()
        speaker = speaks_for(others, target.name, target.host, cause)
        if speaker:
            return speaker
        name, ended = self._spoke.get((target.host, cause), ("", 0.0))
        just = 0 <= now - ended < TAKES_OVER_AFTER
        return name if just and name != target.name else ""

    def _end(self, held: Page, now: float) -> None:
        del self._pages[held.target]
        if held.is_told and held.host and held.cause in OF_HOST:
            self._spoke[held.host, held.cause] = held.target, now
        self._over = {
            kind: over
            for kind, over in self._over.items()
            if 0 <= now - over[1] < GOES_ON
        }
        self._over[_kind(held)] = held.at, now
        self._tell(PageEnded(page=held, at=now))


def _kind(page: Page) -> _Kind:
    return page.target, page.cause, page.severity, page.withheld


def _recalled(record: PageRecord) -> Page:
    return Page(
        target=record.target,
        host=record.host,
        cause=record.cause,
        severity=record.severity,
        because=record.because,
        at=record.at,
        remedies=record.remedies,
        withheld=record.withheld,
        withheld_because=record.withheld_because,
    )
