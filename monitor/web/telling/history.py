"""What happened, on the wire."""

from collections.abc import Sequence

from monitor.domain.history import Moment
from monitor.schemas.history import (
    ChangedDiagnosis,
    EntryKind,
    History,
    HistoryEntry,
)
from monitor.schemas.wire import utc
from monitor.web.telling.checks import age


def tell_history(
    target: str, moments: Sequence[Moment], limit: int, now: float
) -> History:
    """Return at most `limit` moments; one more says that there are more."""
    shown = moments[:limit]
    return History(
        at=utc(now),
        target=target,
        entries=tuple(_entry(moment, now) for moment in shown),
        next_before=shown[-1].id if len(moments) > limit else None,
    )


def _entry(moment: Moment, now: float) -> HistoryEntry:
    return HistoryEntry(
        id=moment.id,
        kind=_kind(moment),
        check=moment.key.check,
        at=utc(moment.at),
        age_seconds=age(moment.at, now),
        health=moment.health,
        before=moment.before,
        result=moment.result,
        duration_seconds=moment.seconds,
        diagnosis=_diagnosis(moment),
        reason=moment.reason,
        because=moment.because,
        maintenance=moment.maintenance,
    )


def _diagnosis(moment: Moment) -> ChangedDiagnosis | None:
    if moment.severity is None:
        return None
    return ChangedDiagnosis(
        cause=moment.reason, severity=moment.severity, before=moment.was
    )


def _kind(moment: Moment) -> EntryKind:
    if moment.severity is not None:
        return EntryKind.DIAGNOSIS
    if moment.before is not None:
        return EntryKind.TRANSITION
    if moment.result is not None:
        return EntryKind.CANARY
    return EntryKind.FAILED_LOOK
