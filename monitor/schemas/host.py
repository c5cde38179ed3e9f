"""Hosts: the GPU machines that are reached over SSH."""

from pydantic import Field

from monitor.schemas.check import Check
from monitor.schemas.wire import (
    Age,
    Because,
    Opinion,
    SeenAt,
    Since,
    Wire,
    WrittenAt,
)


class Host(Wire):
    """One GPU machine and how it is."""

    name: str = Field(description="Its name.", examples=["gpu1"])
    targets: tuple[str, ...] = Field(
        description="The targets that are on it.", examples=[["studio"]]
    )
    health: Opinion
    since: Since
    because: Because
    seen_at: SeenAt
    age_seconds: Age


class HostInFull(Host):
    """One GPU machine with every check."""

    at: WrittenAt
    checks: tuple[Check, ...] = Field(
        description="Its checks, in the order they were configured."
    )


class Hosts(Wire):
    """Every GPU machine that is watched."""

    at: WrittenAt
    hosts: tuple[Host, ...] = Field(
        description="In the order they were configured."
    )
