"""The audit: entries sealed in the transaction of what they tell."""

from collections.abc import Sequence

import sqlalchemy as sa

from monitor.adapters.store.journal_damage import DAMAGED, readable
from monitor.adapters.store.journal_json import (
    pairs_of,
    pairs_text,
    plain,
    whole,
)
from monitor.adapters.store.schema_recovery import AUDIT
from monitor.adapters.store.texts import number, text
from monitor.domain.recovery.audit import Entry, Sealed, seal

UNREADABLE = "unreadable"
"""`what` of the stand-in for an entry that makes no sense."""
_TEXTS = (
    "what",
    "plan",
    "who",
    "action",
    "target",
    "host",
    "change",
    "trigger",
    "outcome",
    "because",
)


def note(db: sa.Connection, entry: Entry) -> None:
    """Add an entry, bound to the newest. Needs a writer's transaction."""
    newest = sa.select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(1)
    row = db.execute(newest).mappings().first()
    last = None if row is None else readable(row, "sequence", _entry_of)
    one = seal(storable(entry), last)
    said = {name: getattr(one.entry, name) for name in _TEXTS}
    db.execute(
        AUDIT.insert(),
        {
            **said,
            "at": one.entry.at,
            "detail": pairs_text(one.entry.detail),
            "sequence": one.sequence,
            "before": one.before,
            "hash": one.hash,
        },
    )


def entries(
    db: sa.Connection, after: int, limit: int, plan: str
) -> list[Sealed]:
    """Return entries, oldest first, of one request or of all."""
    of = AUDIT.c
    asked = sa.select(AUDIT).where(of.sequence > after).order_by(of.sequence)
    if plan:
        asked = asked.where(of.plan == plain(plan))
    rows: Sequence[sa.RowMapping]
    rows = db.execute(asked.limit(limit)).mappings().all()
    return [readable(row, "sequence", _entry_of) for row in rows]


def head(db: sa.Connection) -> Sealed | None:
    """Return the newest entry."""
    newest = sa.select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(1)
    row = db.execute(newest).mappings().first()
    return None if row is None else readable(row, "sequence", _entry_of)


def storable(entry: Entry) -> Entry:
    """Return an entry whose hash is the same when it is read again."""
    said = {name: plain(getattr(entry, name)) for name in _TEXTS}
    detail = tuple((plain(one), plain(other)) for one, other in entry.detail)
    # SQLite has no negative zero, and gives whole seconds back as 3.0.
    return Entry(**said, at=entry.at + 0.0, detail=detail)


def _entry_of(row: sa.RowMapping) -> Sealed:
    return Sealed(
        sequence=whole(row["sequence"]),
        entry=_read(row),
        before=text(row["before"]),
        hash=text(row["hash"]),
    )


def _read(row: sa.RowMapping) -> Entry:
    """Return the entry, or one that its hash does not fit.

    So whoever verifies the chain is told of it, and of all flaws after it.
    """
    try:
        said = {name: text(row[name]) for name in _TEXTS}
        detail = pairs_of(text(row["detail"]))
        return Entry(**said, at=number(row["at"]), detail=detail)
    except DAMAGED as error:
        because = f"cannot read this entry: {error}"
        return Entry(at=0.0, what=UNREADABLE, plan="", who="", because=because)
