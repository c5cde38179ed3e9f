"""Hosts: the GPU machines that are reached over SSH."""

from pydantic import AwareDatetime, Field

from monitor.schemas.check import Check
from monitor.schemas.wire import Age, Because, Opinion, Since, Wire


class Host(Wire):
    """One GPU machine and how it is."""

    name: str = Field(description="Its name.", examples=["gpu1"])
    targets: tuple[str, ...] = Field(
        description="The targets that are on it.", examples=[["studio"]]
    )
    health: Opinion
    since: Since
    because: Because
    seen_at: AwareDatetime | None = Field(
        description=(
            "When any of its checks was last looked at: RFC 3339, UTC; null "
            "when none was since the monitor started."
        )
    )
    age_seconds: Age


class HostInFull(Host):
    """One GPU machine with every check."""

    at: AwareDatetime = Field(
        description="When this answer was written: RFC 3339, UTC."
    )
    checks: tuple[Check, ...] = Field(
        description="Its checks, in the order they were configured."
    )


class Hosts(Wire):
    """Every GPU machine that is watched."""

    at: AwareDatetime = Field(
        description="When this answer was written: RFC 3339, UTC."
    )
    hosts: tuple[Host, ...] = Field(
        description="In the order they were configured."
    )
