"""Brings a file to the newest revision, all of it or nothing."""

from pathlib import Path

import sqlalchemy as sa

from monitor.adapters.store.schema import HEAD

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(
    writer: sa.Engine, *, scripts: Path = SCRIPTS, to: str = HEAD
) -> None:
    """Run what is missing in one transaction.

    A migration that raises leaves the file as it was.
    """
    from alembic import command  # noqa: PLC0415 - 0.2 s, for few starts
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
