"""Pages on the wire."""

from collections.abc import Sequence

from monitor.domain.diagnosis.cause import Severity
from monitor.domain.diagnosis.paging import Page
from monitor.domain.diagnosis.record import PageRecord
from monitor.schemas import page as wire
from monitor.schemas.wire import maybe_utc, utc
from monitor.web.telling.checks import age


def tell_pages(
    kept: Sequence[PageRecord], limit: int, now: float
) -> wire.Pages:
    """Return at most `limit` pages; one more says that there are more."""
    shown = kept[:limit]
    return wire.Pages(
        at=utc(now),
        pages=tuple(_kept(record, now) for record in shown),
        next_before=shown[-1].id if len(kept) > limit else None,
    )


def tell_page(page: Page | PageRecord, now: float) -> wire.PageInShort:
    """Return a page, or what would have been one."""
    return wire.PageInShort(
        target=page.target,
        host=page.host or None,
        cause=page.cause,
        severity=page.severity,
        because=page.because,
        remedies=page.remedies,
        began_at=utc(page.at),
        age_seconds=age(page.at, now),
        woken=_woken(page),
        withheld=wire.Withheld(page.withheld) if page.withheld else None,
        withheld_because=page.withheld_because,
    )


def _kept(record: PageRecord, now: float) -> wire.Page:
    end = now if record.ended_at is None else record.ended_at
    return wire.Page(
        **dict(tell_page(record, now)),
        id=record.id,
        ended_at=maybe_utc(record.ended_at),
        duration_seconds=age(record.at, end),
    )


def _woken(page: Page | PageRecord) -> wire.Woken:
    if page.withheld:
        return wire.Woken.NOBODY
    critical = page.severity is Severity.CRITICAL
    return wire.Woken.NOW if critical else wire.Woken.MORNING
