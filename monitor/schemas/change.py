"""Changes on the wire: what was done to a server, and what came of it."""

from pydantic import AwareDatetime, Field

from monitor.domain.recovery.words import Outcome, State, Trigger
from monitor.schemas.recovery import Approvals, What
from monitor.schemas.wire import Age, Because, Wire, WrittenAt


class Change(Wire):
    """A plan that is or was carried out: asked, under way, one outcome."""

    id: str = Field(
        description="Its name for cancel.",
        examples=["9c0d5be1b3f047f6a2f10d8a8d0d7c55"],
    )
    plan: str = Field(description="The id of its plan.")
    target: str = Field(description="The target.", examples=["studio"])
    host: str = Field(description="The machine.", examples=["gpu1"])
    action: What
    state: State = Field(
        description=(
            "waiting for approvals, ready, draining (users' work is waited "
            "for), intent (about to be done), sent, verifying (whether it "
            "helped), unknown (whether it was done; it is being looked "
            "into), climbing (a recover: its rungs say how it goes on), "
            "ended."
        )
    )
    outcome: Outcome | None = Field(
        description="How it ended, once and for ever; null before."
    )
    because: Because
    progress: str = Field(
        description="The newest sentence about it.",
        examples=["verifying: the new process listens on port 9002"],
    )
    asked_by: str = Field(description="Who asked for it.", examples=["ann"])
    trigger: Trigger = Field(
        description="Whether a person asked, or an alert or diagnosis of ours."
    )
    cancel_asked_by: str | None = Field(
        description=(
            "Who wanted it stopped after it was begun: then it goes on to "
            "its outcome. Null for nobody."
        )
    )
    created_at: AwareDatetime = Field(
        description="When it was asked for: RFC 3339, UTC."
    )
    age_seconds: Age
    updated_at: AwareDatetime = Field(
        description="When it last went on: RFC 3339, UTC."
    )
    updated_age_seconds: Age
    intent_at: AwareDatetime | None = Field(
        description=(
            "From when on something may have been done: RFC 3339, UTC; null "
            "when certainly nothing was."
        )
    )
    expires_at: AwareDatetime = Field(
        description="When it ends unless it was begun: RFC 3339, UTC."
    )
    done: bool = Field(
        description=(
            "Whether the machine said that it did it, or tried to; of a "
            "recover, whether one of its rungs was sent."
        )
    )
    parent: str | None = Field(
        description="The recover whose rung it is: its id; null for none."
    )


class Rung(Wire):
    """One rung of a recover: a plan of its own, and what came of it."""

    id: str | None = Field(
        description="The id of its change; null before it is applied."
    )
    plan: str = Field(description="The id of its plan.")
    action: What
    state: State | None = Field(
        description="Where its change is; null before it is applied."
    )
    outcome: Outcome | None = Field(
        description="How it ended; null while it has not."
    )
    because: Because
    approvals: Approvals
    confirm: str = Field(
        description="What must be typed to apply it; empty for nothing."
    )


class ChangeNow(Change):
    """One change."""

    at: WrittenAt
    rungs: tuple[Rung, ...] = Field(
        default=(),
        description=(
            "Of a recover, read by its id: what it tried, mildest first. "
            "Empty for anything else."
        ),
    )


class Changes(Wire):
    """Changes, newest first."""

    at: WrittenAt
    changes: tuple[Change, ...] = Field(description="Newest first.")
    next_before: str | None = Field(
        description=(
            "Ask again with before= this for earlier ones; null when there "
            "are no more."
        )
    )
