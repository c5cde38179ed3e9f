"""`monitor.ports.alerts.Inbox` in the state database."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from monitor.adapters.store.errors import Full, telling
from monitor.adapters.store.journal import Access
from monitor.adapters.store.schema_alerts import ALERTS
from monitor.domain.alerts.alert import Alert, Outcome, Received, Settled
from monitor.domain.alerts.rules import REFUSED_FOR

KEPT = 100_000
"""Alerts that are known again, those that wait left aside: about 30 MB."""
MOST_WAITING = 50_000
"""More than these would take hours to work off; who sends them sends again."""
SLICE = 5_000
"""Rows that are forgotten at a time."""
_RESOLVED_EARLY = "it was resolved before anything came of it"
_RESOLVED_FIRST = "it was resolved before it was heard of"

_NEW = insert(ALERTS).values(
    {
        name: sa.bindparam(name)
        for name in ("receiver", "fingerprint", "started", "name", "target")
    }
    | {"at": sa.bindparam("at")}
)
_PUT_FIRING = _NEW.on_conflict_do_update(
    index_elements=("receiver", "fingerprint", "started"),
    set_={"at": _NEW.excluded.at, "outcome": None, "because": ""},
    where=(ALERTS.c.outcome == Outcome.STALE.value)
    | (
        (ALERTS.c.outcome == Outcome.REFUSED.value)
        & (ALERTS.c.at <= _NEW.excluded.at - REFUSED_FOR)
    ),
)
_PUT_RESOLVED = _NEW.values(
    outcome=Outcome.RESOLVED.value, because=_RESOLVED_FIRST
).on_conflict_do_nothing()
"""Made once: made for each of ten thousand alerts they would take seconds."""

_T = TypeVar("_T")


class SqliteInbox:
    """Each method is one transaction, and on the disk when it returns."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def keep(
        self, alerts: Sequence[Alert], *, at: float
    ) -> Sequence[Outcome | None]:
        """Keep all of them or none; tell what came of each at once."""
        return await self._write(lambda db: _keep(db, alerts, at))

    async def pending(self, *, limit: int) -> Sequence[Received]:
        """Return those that wait, oldest first."""

        def read() -> Sequence[Received]:
            with self._access.reader.connect() as db:
                of = ALERTS.c
                waiting = (
                    sa.select(ALERTS)
                    .where(of.outcome.is_(None))
                    .order_by(of.number)
                    .limit(limit)
                )
                return [_received(row) for row in db.execute(waiting)]

        with telling("read", self._access.path):
            return await self._access.reads.run(read)

    async def settle(self, settled: Sequence[Settled]) -> None:
        """Keep what came of alerts, all at once."""

        def work(db: sa.Connection) -> None:
            for one in settled:
                _settle(db, ALERTS.c.number == one.number, one)
            _trim(db)

        await self._write(work)

    async def _write(self, work: Callable[[sa.Connection], _T]) -> _T:
        def write() -> _T:
            with self._access.durable.begin() as db:
                return work(db)

        with telling("write", self._access.path):
            return await self._access.writes.run(write)


def _keep(
    db: sa.Connection, alerts: Sequence[Alert], at: float
) -> list[Outcome | None]:
    waits = sa.select(sa.func.count()).where(ALERTS.c.outcome.is_(None))
    waiting = int(db.execute(waits).scalar_one())
    kept = [
        _keep_firing(db, one, at)
        if one.is_firing
        else _keep_resolved(db, one, at)
        for one in alerts
    ]
    # What waits already, or waits no more, is always taken.
    new = kept.count(None)
    if new and waiting + new > MOST_WAITING:
        raise Full(f"{waiting} alerts wait already to be worked off")
    _trim(db)
    return kept


def _keep_firing(db: sa.Connection, alert: Alert, at: float) -> Outcome | None:
    """Keep one; for which nothing was done may get another turn."""
    done = db.execute(_PUT_FIRING, _row(alert, at))
    return None if done.rowcount else Outcome.DUPLICATE


def _keep_resolved(db: sa.Connection, alert: Alert, at: float) -> Outcome:
    """Let it wait no more; it may also come before it was heard to fire."""
    row = _row(alert, at)
    if not db.execute(_PUT_RESOLVED, row).rowcount:
        of = ALERTS.c
        same = (
            (of.receiver == alert.receiver)
            & (of.fingerprint == alert.fingerprint)
            & (of.started == alert.started)
        )
        early = Settled(
            number=0, outcome=Outcome.RESOLVED, because=_RESOLVED_EARLY
        )
        _settle(db, same & of.outcome.is_(None), early)
    return Outcome.RESOLVED


def _settle(
    db: sa.Connection, which: sa.ColumnElement[bool], one: Settled
) -> None:
    values = {"outcome": one.outcome.value, "because": one.because}
    db.execute(ALERTS.update().where(which).values(values))


def _trim(db: sa.Connection) -> None:
    """Forget the oldest of those that came to something."""
    of = ALERTS.c
    newest = sa.select(sa.func.max(of.number)).scalar_subquery()
    oldest = (
        sa.select(of.number)
        .where(of.number <= newest - KEPT, of.outcome.is_not(None))
        .order_by(of.number)
        .limit(SLICE)
    )
    db.execute(ALERTS.delete().where(of.number.in_(oldest)))


def _row(alert: Alert, at: float) -> dict[str, object]:
    return {
        "receiver": alert.receiver,
        "fingerprint": alert.fingerprint,
        "started": alert.started,
        "name": alert.name,
        "target": alert.target,
        "at": at,
    }


def _received(row: sa.Row[tuple[object, ...]]) -> Received:
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's own name for it
    return Received(
        number=int(found["number"]),
        alert=Alert(
            receiver=found["receiver"],
            fingerprint=found["fingerprint"],
            started=found["started"],
            is_firing=True,
            name=found["name"],
            target=found["target"],
        ),
        at=float(found["at"]),
    )
