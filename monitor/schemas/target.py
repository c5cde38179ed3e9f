"""Targets: the FaceFusion servers that are watched."""

from pydantic import Field

from monitor.schemas.check import Check
from monitor.schemas.diagnosis import TargetDiagnosis, TargetDiagnosisInFull
from monitor.schemas.maintenance import Maintenance
from monitor.schemas.wire import (
    Age,
    Because,
    Opinion,
    SeenAt,
    Since,
    Wire,
    WrittenAt,
)


class Target(Wire):
    """One FaceFusion server and how it is."""

    name: str = Field(description="Its name.", examples=["studio"])
    url: str = Field(
        description="Where it is.", examples=["http://192.168.1.10:9002"]
    )
    dialect: str = Field(description="What it speaks.", examples=["rest"])
    host: str | None = Field(
        description="The machine it is on; null for none that we know.",
        examples=["gpu1"],
    )
    labels: dict[str, str] = Field(
        description="The configured labels.", examples=[{"site": "studio"}]
    )
    health: Opinion
    since: Since
    because: Because
    diagnosis: TargetDiagnosis
    seen_at: SeenAt
    age_seconds: Age
    maintenance: Maintenance | None = Field(
        description="The planned work it is in now, null for none."
    )


class TargetInFull(Target):
    """One FaceFusion server with every check."""

    at: WrittenAt
    diagnosis: TargetDiagnosisInFull
    checks: tuple[Check, ...] = Field(
        description="Its checks, in the order they were configured."
    )


class Targets(Wire):
    """Every FaceFusion server that is watched."""

    at: WrittenAt
    targets: tuple[Target, ...] = Field(
        description="In the order they were configured."
    )
