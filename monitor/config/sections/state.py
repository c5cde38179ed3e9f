"""`state`: what survives a restart."""

from pydantic import Field

from monitor.config.sections.section import Section
from monitor.config.values.url import StateUrl


class State(Section):
    """The database."""

    url: StateUrl = Field(
        default="sqlite:///facefusion-monitor.db",
        description=(
            "SQLite for one machine, PostgreSQL for several replicas. "
            "A path after sqlite:/// is relative to where the daemon starts "
            "(WorkingDirectory= of a systemd unit), not to this file; with "
            "four slashes it begins at the root. The folder must be there "
            "and writable."
        ),
        examples=[
            "sqlite:////var/lib/facefusion-monitor/state.db",
            "postgresql+psycopg://monitor@db.example/monitor",
        ],
    )
