"""Drills on the wire: an incident rehearsed, with nothing done."""

from pydantic import Field

from monitor.domain.recovery.drill import Would
from monitor.schemas.recovery import ByHand, GateSaid, Notes, What
from monitor.schemas.wire import Because, Wire, WrittenAt


class Exercise(Wire):
    """One thing that was really tried."""

    what: str = Field(
        description="What it was, in a few words.",
        examples=["acting gate of gpu1"],
    )
    passed: bool | None = Field(
        description="Whether it worked; null where it could not be tried."
    )
    because: Because


class RehearsedRung(Wire):
    """One rung of a recover, as it would go now were the target sick."""

    action: What
    would: Would = Field(
        description=(
            "run; wait: for approvals; refuse; not_applicable: the diagnosis "
            "forbids it, or there is nothing to do."
        )
    )
    because: Because
    gates: tuple[GateSaid, ...] = Field(
        description="What every gate says now, of a well target too."
    )
    steps: tuple[str, ...] = Field(description="What would be done, in order.")
    notes: Notes
    by_hand: ByHand


class Drill(Wire):
    """What a rehearsal on one target found; nothing was done to it."""

    at: WrittenAt
    target: str = Field(description="The target.", examples=["studio"])
    cause: str = Field(
        description="The diagnosis as of now.", examples=["none"]
    )
    ready: bool = Field(
        description=(
            "Whether every rung that applies could go, and all that was "
            "tried worked."
        )
    )
    exercises: tuple[Exercise, ...] = Field(
        description="What was really tried, in order."
    )
    rungs: tuple[RehearsedRung, ...] = Field(description="Mildest first.")
