"""What a change did for sure, and the recover whose rung it was."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add both; of what an older release did nobody can say that it did."""
    op.add_column(
        "changes",
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    )
    op.add_column(
        "changes",
        sa.Column("parent", sa.Text, nullable=False, server_default=""),
    )
