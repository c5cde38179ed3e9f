"""A check and what it knows."""

from pydantic import AwareDatetime, Field

from monitor.schemas.observation import Observation, Skip, Transition
from monitor.schemas.wire import (
    Because,
    CheckName,
    Opinion,
    Since,
    Wire,
    WrittenAt,
)


class Check(Wire):
    """One scheduled look, what it last saw and what we think of it."""

    name: CheckName
    probe: str = Field(
        description="What kind of look it is.",
        examples=["status", "canary", "gpu"],
    )
    health: Opinion
    since: Since
    because: Because
    flapping: bool = Field(
        description=(
            "Whether it changes so often that changes of opinion are held "
            "back."
        )
    )
    interval_seconds: float = Field(
        description="Configured time between looks.", examples=[30.0]
    )
    timeout_seconds: float = Field(
        description="What a look allows the other side.", examples=[5.0]
    )
    last_success_at: AwareDatetime | None = Field(
        description=(
            "When the last look that succeeded started: RFC 3339, UTC; null "
            "when none did since the monitor first ran."
        )
    )
    last: Observation | None = Field(
        description=(
            "The last look, null when it was not looked at since the "
            "monitor started."
        )
    )
    last_skipped: Skip | None = Field(
        description=(
            "The last run that was due and did not happen, null when there "
            "was none since the monitor started."
        )
    )


class LookResult(Wire):
    """A look that was asked for, and what it changed."""

    at: WrittenAt
    target: str = Field(description="The target.", examples=["studio"])
    check: CheckName
    observation: Observation
    health: Opinion
    since: Since
    because: Because
    changed: Transition | None = Field(
        description="The change of opinion that came of it, null for none."
    )
