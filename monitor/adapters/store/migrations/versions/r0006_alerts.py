"""Received alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table; older releases took no alerts."""
    texts = ("receiver", "fingerprint", "started", "name", "target")
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("because", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint(
            "receiver", "fingerprint", "started", name="alerts_once"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "alerts_waiting",
        "alerts",
        ["number"],
        sqlite_where=sa.text("outcome IS NULL"),
    )
