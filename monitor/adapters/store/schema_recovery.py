"""The tables of recovery: requests, changes, locks and the audit."""

import sqlalchemy as sa

from monitor.adapters.store.schema import METADATA

OPEN_PLAN = "outcome IS NULL AND change = ''"
OPEN_CHANGE = "state <> 'ended'"
"""Said as text: SQLite takes a partial index for its own words only."""


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


PLANS = sa.Table(
    "plans",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    *_texts("plan", "digest", "change"),
    sa.Column("outcome", sa.Text),
    *_texts("because"),
    sa.Index("plans_open", "number", sqlite_where=sa.text(OPEN_PLAN)),
    sqlite_autoincrement=True,
)
"""`plan` is JSON with a version; about 3 kB. `number` is their order."""

APPROVALS = sa.Table(
    "approvals",
    METADATA,
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    *_texts("digest", "by"),
)
"""One a plan and person; `by` is JSON with a version."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("plan", sa.Text, nullable=False, unique=True),
    *_texts("action", "target", "host", "by", "state", "because"),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    *_texts("owner"),
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("intent_at", sa.Float),
    sa.Column("outcome", sa.Text),
    *_texts("progress", "cancel_asked_by"),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("parent", sa.Text, nullable=False, server_default=""),
    sa.Index("changes_open", "number", sqlite_where=sa.text(OPEN_CHANGE)),
    sa.Index("changes_by_target", "target", "number"),
    sa.Index("changes_by_intent", "intent_at"),
    sqlite_autoincrement=True,
)
"""One a plan; about 1 kB. `by` is JSON with a version, `done` 0 or 1."""

LOCKS = sa.Table(
    "locks",
    METADATA,
    sa.Column("host", sa.Text, primary_key=True),
    *_texts("change", "owner"),
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

FENCING = sa.Table(
    "fencing",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("highest", sa.Integer, nullable=False),
)
"""One row: the highest token that was given out, or seen on a machine."""

CAPTURES = sa.Table(
    "captures",
    METADATA,
    sa.Column("change", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    *_texts("text"),
)
"""What was known before a change; of the newest only."""

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    *_texts("what", "plan", "who", "action", "target", "host", "change"),
    *_texts("trigger", "outcome", "because", "detail", "before", "hash"),
    sa.Index("audit_by_plan", "plan", "sequence"),
)
"""The proof, never trimmed: about 500 B an entry, 5 kB a change.

20 changes a day are 40 MB a year. `detail` is a JSON list of pairs.
"""
