"""What happened, as rows of one history."""

from collections.abc import Iterator
from enum import StrEnum

import sqlalchemy as sa

from monitor.adapters.store.keys import key_of, key_row
from monitor.adapters.store.texts import (
    clean,
    number,
    optional,
    sentence,
    text,
)
from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.diagnosis.cause import Severity
from monitor.domain.health import Health
from monitor.domain.history import Moment
from monitor.ports import Told


class What(StrEnum):
    """Which kind of moment; each is trimmed on its own."""

    TRANSITION = "transition"
    CANARY = "canary"
    FAILURE = "failure"
    DIAGNOSIS = "diagnosis"


Row = dict[str, object]


def moment_rows(told: Told) -> Iterator[Row]:
    """Yield a look's lines: what was seen, then what we thought of it.

    A failed look that changed an opinion is told by the change alone.
    """
    reading, changed = told.seen.reading, told.changed
    if isinstance(reading, CanaryReading):
        yield _row(
            told,
            What.CANARY,
            result=reading.result.value,
            seconds=reading.duration,
        )
    elif changed is None:
        yield _row(told, What.FAILURE)
    if changed is not None:
        row = _row(told, What.TRANSITION, before=changed.before.value)
        yield row | {
            "at": changed.at,
            "health": changed.after.value,
            "because": sentence(changed.because),
        }


def moment_of(row: sa.RowMapping) -> Moment:
    """Return the moment of a row. Raises `ValueError` or the like."""
    before, result = row["before"], row["result"]
    severity = row["severity"]
    return Moment(
        id=int(row["id"]),
        key=key_of(row),
        at=number(row["at"]),
        health=Health(row["health"]),
        because=text(row["because"]),
        reason=text(row["reason"]),
        before=None if before is None else Health(before),
        result=None if result is None else Result(result),
        seconds=optional(row["seconds"]),
        maintenance=bool(row["maintenance"]),
        was=text(row["was"] or ""),
        severity=None if severity is None else Severity(severity),
    )


def _row(
    told: Told,
    what: What,
    *,
    before: str | None = None,
    result: str | None = None,
    seconds: float | None = None,
) -> Row:
    seen = told.seen
    return {
        **key_row(seen.key),
        "what": what.value,
        "at": seen.at,
        "health": seen.health.value,
        "because": sentence(seen.because),
        "reason": clean(seen.reason),
        "before": before,
        "result": result,
        "seconds": seconds,
        "maintenance": told.maintenance,
    }
