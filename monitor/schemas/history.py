"""What happened to a target."""

from enum import StrEnum

from pydantic import Field

from monitor.domain.canary.reading import Result
from monitor.domain.health import Health
from monitor.schemas.diagnosis import Cause, HowSevere
from monitor.schemas.wire import (
    Age,
    At,
    Because,
    CheckName,
    Opinion,
    Reason,
    Wire,
    WrittenAt,
)


class EntryKind(StrEnum):
    """What a line of a history tells."""

    TRANSITION = "transition"
    CANARY = "canary"
    FAILED_LOOK = "failed_look"
    DIAGNOSIS = "diagnosis"


class ChangedDiagnosis(Wire):
    """What a diagnosis became, and what it was."""

    cause: Cause
    severity: HowSevere
    before: str = Field(
        description="The cause until then, `none` when nothing was wrong.",
        examples=["none"],
    )


class HistoryEntry(Wire):
    """One line of a history."""

    id: int = Field(
        description="Counts up; `before` takes it.", examples=[4711]
    )
    kind: EntryKind = Field(
        description=(
            "transition: we changed our mind; canary: a canary ran; "
            "failed_look: a look failed and changed nothing yet; "
            "diagnosis: what is wrong changed."
        )
    )
    check: CheckName
    at: At
    age_seconds: Age
    health: Opinion
    before: Health | None = Field(
        description="The opinion before it changed; null when it did not."
    )
    result: Result | None = Field(
        description="How a canary run ended; null for other looks."
    )
    duration_seconds: float | None = Field(
        description="Seconds of a canary run that produced something.",
        examples=[1.43],
    )
    diagnosis: ChangedDiagnosis | None = Field(
        default=None,
        description="A changed diagnosis; null for what a check saw.",
    )
    reason: Reason
    because: Because
    maintenance: bool = Field(description="Whether it fell into planned work.")


class History(Wire):
    """What happened to a target, newest first."""

    at: WrittenAt
    target: str = Field(description="The target.", examples=["studio"])
    entries: tuple[HistoryEntry, ...] = Field(description="Newest first.")
    next_before: int | None = Field(
        description=(
            "Ask again with before= this for what happened earlier; null "
            "when there is no more."
        )
    )
