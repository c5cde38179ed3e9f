"""A new configuration in force."""

from pydantic import AwareDatetime, Field

from monitor.schemas.wire import Wire


class Reloaded(Wire):
    """What came of a reload that was accepted."""

    at: AwareDatetime = Field(
        description="Since when it is in force: RFC 3339, UTC."
    )
    targets: int = Field(
        ge=0, description="Targets watched now.", examples=[500]
    )
    hosts: int = Field(ge=0, description="Hosts watched now.", examples=[300])
    checks: int = Field(ge=0, description="Checks now.", examples=[1800])
    added: tuple[str, ...] = Field(
        description="Targets and hosts that are new.", examples=[["attic"]]
    )
    changed: tuple[str, ...] = Field(
        description="Targets and hosts that are watched differently now.",
        examples=[["studio"]],
    )
    removed: tuple[str, ...] = Field(
        description="Targets and hosts that are gone.", examples=[[]]
    )
    warnings: tuple[str, ...] = Field(
        default=(),
        description="What was accepted but has no effect, or not yet.",
    )
