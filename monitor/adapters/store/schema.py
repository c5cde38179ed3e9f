"""The tables, as the newest migration leaves them.

Those of recovery are in `schema_recovery`, those of alerts in
`schema_alerts`, on the same `METADATA`.
"""

import sqlalchemy as sa

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every revision we know, oldest first; one a file in migrations/versions."""
HEAD = REVISIONS[-1]

METADATA = sa.MetaData()
KEY = ("kind", "subject", "check_name")


def _key() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in KEY]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(
        name, sa.Boolean, nullable=False, server_default=sa.false()
    )


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


RUNS = sa.Table(
    "canary_runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_key(),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("duration", sa.Float, nullable=False),
    sa.Column("health", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("canary", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("output_valid", sa.Boolean),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("ratio", sa.Float),
    _word("gpu"),
    _word("version"),
    sa.Column("baseline", sa.Float),
    _flag("counted"),
    _flag("maintenance"),
    _word("url"),
    sa.Index("canary_runs_by_check", *KEY, "id"),
)
"""Canary runs whole, for baselines."""

MOMENTS = sa.Table(
    "moments",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *_key(),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("health", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    _word("reason"),
    sa.Column("before", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("seconds", sa.Float),
    _flag("maintenance"),
    sa.Column("was", sa.Text),
    sa.Column("severity", sa.Text),
    _word("url"),
    sa.Index("moments_by_check", *KEY, "what", "id"),
    sa.Index("moments_by_subject", "kind", "subject", "id"),
    sa.Index(
        "moments_diagnoses",
        "subject",
        "id",
        sqlite_where=sa.text("what = 'diagnosis'"),
    ),
    sqlite_autoincrement=True,
)
"""The history people read. An id is never used twice: they page by it.

Of a diagnosis `reason` is the cause and `was` the cause before.
"""

TRACKS = sa.Table(
    "tracks",
    METADATA,
    *(sa.Column(name, sa.Text, primary_key=True) for name in KEY),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("track", sa.Text, nullable=False),
    sa.Column("last_success", sa.Float),
    sa.Column("told_at", sa.Float),
    _word("url"),
)
"""What is thought of each check; `track` is JSON with a version."""

WINDOWS = sa.Table(
    "maintenance_windows",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("starts_at", sa.Float, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("selector", sa.Text, nullable=False),
    sa.Index("maintenance_windows_by_end", "ends_at"),
)

PAGES = sa.Table(
    "pages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("remedies", sa.Text, nullable=False),
    sa.Column("withheld", sa.Text, nullable=False),
    sa.Column("withheld_because", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.UniqueConstraint("target", "at", name="pages_by_beginning"),
    sa.Index("pages_by_target", "target", "id"),
    sqlite_autoincrement=True,
)
"""Who was, or would have been, woken; `remedies` is a JSON list."""

ANSWERS = sa.Table(
    "answers",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("code", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("answers_by_age", "at"),
)
"""Answers to POSTs with an Idempotency-Key."""
