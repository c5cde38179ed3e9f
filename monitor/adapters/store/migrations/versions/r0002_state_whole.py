"""Tracks, one history, maintenance and answers; canary runs say more.

The transitions of the first release move into the history, with its canary
runs, in the order they happened.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOVE = """
INSERT INTO moments (kind, subject, check_name, what, at, health, because,
                     reason, before, result, seconds)
SELECT kind, subject, check_name, what, at, health, because,
       reason, before, result, seconds
FROM (
  SELECT kind, subject, check_name, 'transition' AS what, at,
         after AS health, because, '' AS reason, before,
         NULL AS result, NULL AS seconds, id
  FROM transitions
  UNION ALL
  SELECT kind, subject, check_name, 'canary', at,
         health, because, reason, NULL, result, seconds, id
  FROM canary_runs
) AS old
ORDER BY at, what, id
"""


def upgrade() -> None:
    """Create, move, and drop what is empty then."""
    _extend_runs()
    _create_moments()
    _create_tracks()
    _create_windows()
    _create_answers()
    op.execute(_MOVE)
    op.drop_table("transitions")


def _key() -> list[sa.Column[str]]:
    names = ("kind", "subject", "check_name")
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _extend_runs() -> None:
    for column in (
        sa.Column("gpu", sa.Text, nullable=False, server_default=""),
        sa.Column("version", sa.Text, nullable=False, server_default=""),
        sa.Column("baseline", sa.Float),
        sa.Column(
            "counted", sa.Boolean, nullable=False, server_default=sa.false()
        ),
        sa.Column(
            "maintenance",
            sa.Boolean,
            nullable=False,
            server_default=sa.false(),
        ),
        sa.Column("url", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("canary_runs", column)
    op.drop_index("canary_runs_by_check", "canary_runs", if_exists=True)
    op.create_index(
        "canary_runs_by_check",
        "canary_runs",
        ["kind", "subject", "check_name", "id"],
    )


def _create_moments() -> None:
    op.create_table(
        "moments",
        sa.Column("id", sa.Integer, primary_key=True),
        *_key(),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("health", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("before", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column(
            "maintenance",
            sa.Boolean,
            nullable=False,
            server_default=sa.false(),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "moments_by_check",
        "moments",
        ["kind", "subject", "check_name", "what", "id"],
    )
    op.create_index("moments_by_subject", "moments", ["kind", "subject", "id"])


def _create_tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("check_name", sa.Text, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("track", sa.Text, nullable=False),
        sa.Column("last_success", sa.Float),
        sa.Column("told_at", sa.Float),
        sa.Column("url", sa.Text, nullable=False, server_default=""),
    )


def _create_windows() -> None:
    op.create_table(
        "maintenance_windows",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("starts_at", sa.Float, nullable=False),
        sa.Column("ends_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("selector", sa.Text, nullable=False),
    )
    op.create_index(
        "maintenance_windows_by_end", "maintenance_windows", ["ends_at"]
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("answers_by_age", "answers", ["at"])
