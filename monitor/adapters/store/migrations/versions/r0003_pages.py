"""Pages, and diagnoses in the history."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what diagnoses say beside other moments, and create pages."""
    op.add_column("moments", sa.Column("was", sa.Text))
    op.add_column("moments", sa.Column("severity", sa.Text))
    op.add_column(
        "moments",
        sa.Column("url", sa.Text, nullable=False, server_default=""),
    )
    op.create_index(
        "moments_diagnoses",
        "moments",
        ["subject", "id"],
        sqlite_where=sa.text("what = 'diagnosis'"),
    )
    op.create_table(
        "pages",
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
        sqlite_autoincrement=True,
    )
    op.create_index("pages_by_target", "pages", ["target", "id"])
