"""The tables of the first release, which knew no revisions.

They may be there already; it made them one by one, so one may be missing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what is missing."""
    op.create_table(
        "canary_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("check_name", sa.Text, nullable=False),
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
        if_not_exists=True,
    )
    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("check_name", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        if_not_exists=True,
    )
