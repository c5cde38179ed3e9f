"""The table of received alerts."""

import sqlalchemy as sa

from monitor.adapters.store.schema import METADATA

WAITING = "outcome IS NULL"
"""Said as text: SQLite takes a partial index for its own words only."""

ALERTS = sa.Table(
    "alerts",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("receiver", "fingerprint", "started", "name", "target")
    ),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("because", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint(
        "receiver", "fingerprint", "started", name="alerts_once"
    ),
    sa.Index("alerts_waiting", "number", sqlite_where=sa.text(WAITING)),
    sqlite_autoincrement=True,
)
"""`number` is the order in which they came; `outcome` is null while one
waits."""
