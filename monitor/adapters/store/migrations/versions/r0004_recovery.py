"""Plans, approvals, changes, locks, fencing tokens, captures, the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create what recovery needs; nothing that is there changes."""
    _create_plans()
    _create_changes()
    _create_locks()
    _create_audit()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *_texts("plan", "digest", "change"),
        sa.Column("outcome", sa.Text),
        *_texts("because"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "plans_open",
        "plans",
        ["number"],
        sqlite_where=sa.text("outcome IS NULL AND change = ''"),
    )
    op.create_table(
        "approvals",
        sa.Column("plan", sa.Text, primary_key=True),
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        *_texts("digest", "by"),
    )


def _create_changes() -> None:
    op.create_table(
        "changes",
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
        sqlite_autoincrement=True,
    )
    op.create_index(
        "changes_open",
        "changes",
        ["number"],
        sqlite_where=sa.text("state <> 'ended'"),
    )
    op.create_index("changes_by_target", "changes", ["target", "number"])
    op.create_index("changes_by_intent", "changes", ["intent_at"])
    op.create_table(
        "captures",
        sa.Column("change", sa.Text, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        *_texts("text"),
    )


def _create_locks() -> None:
    op.create_table(
        "locks",
        sa.Column("host", sa.Text, primary_key=True),
        *_texts("change", "owner"),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_table(
        "fencing",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("highest", sa.Integer, nullable=False),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        *_texts("what", "plan", "who", "action", "target", "host", "change"),
        *_texts("trigger", "outcome", "because", "detail", "before", "hash"),
    )
    op.create_index("audit_by_plan", "audit", ["plan", "sequence"])
