"""Planned work on the wire, both ways."""

from monitor.domain.maintenance import Selector, Window
from monitor.schemas.maintenance import Maintenance, NewMaintenance
from monitor.schemas.wire import maybe_utc, utc
from monitor.web.telling.checks import age


def tell_window(window: Window, now: float) -> Maintenance:
    """Return planned work as it is shown."""
    selector = window.selector
    return Maintenance(
        id=window.id,
        active=window.holds(now),
        starts_at=utc(window.starts_at),
        ends_at=utc(window.ends_at),
        ended_at=maybe_utc(window.ended_at),
        remaining_seconds=max(0.0, round(window.end - now, 3)),
        reason=window.reason,
        by=window.by,
        created_at=utc(window.created_at),
        age_seconds=age(window.created_at, now),
        targets=selector.targets,
        hosts=selector.hosts,
        labels=dict(selector.labels),
    )


def as_window(
    asked: NewMaintenance, *, id_: str, by: str, now: float
) -> Window:
    """Return planned work as it was asked for; its rules come later."""
    start = asked.starts_at.timestamp() if asked.starts_at else now
    end = (
        asked.ends_at.timestamp()
        if asked.ends_at
        else start + (asked.duration_seconds or 0.0)
    )
    return Window(
        id=id_,
        starts_at=start,
        ends_at=end,
        selector=Selector(
            targets=asked.targets,
            hosts=asked.hosts,
            labels=tuple(asked.labels.items()),
        ),
        reason=asked.reason.strip(),
        by=by,
        created_at=now,
    )
