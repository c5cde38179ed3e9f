"""Plans on the wire: what would be done to a server, and whether it may."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from monitor.domain.recovery.words import Action, Outcome, Trigger, Word
from monitor.schemas.problem import Problem
from monitor.schemas.wire import Age, Asked, Because, Wire, WrittenAt

_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Control characters, line ends and what turns the direction of writing: in
a log or an audit they would pass one text off as another."""
_LINE = rf"[^{_UNSEEN}]*[^{_UNSEEN}\s][^{_UNSEEN}]*"


def _one_line(text: str) -> str:
    if re.fullmatch(_LINE, text) is None:
        raise ValueError(
            "must be one line with something to read in it, without control"
            " characters"
        )
    return text


Sentence = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        json_schema_extra={"pattern": f"^{_LINE}$"},
        examples=["hangs since the model was changed"],
    ),
    AfterValidator(_one_line),
]
"""One line that people wrote."""
GateName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$",
        description="The gate's name.",
        examples=["cooldown"],
    ),
]
What = Annotated[Action, Field(description="What would be done, or was.")]


class BreakGlass(Asked):
    """One gate that is skipped on purpose, and why."""

    gate: GateName
    reason: Sentence = Field(description="Why this gate must not count.")


class NewPlan(Asked):
    """An action that is wanted on a target."""

    action: What
    reason: Sentence = Field(description="Why, for the audit.")
    break_glass: BreakGlass | None = Field(
        default=None,
        description=(
            "Skip one gate. It takes another person's approval, and never "
            "skips identity, lock, audit or host key."
        ),
    )


class Application(Asked):
    """A plan is to be carried out."""

    confirm: str = Field(
        default="",
        max_length=253,
        description="What the plan asks to be typed: its `confirm`.",
        examples=["studio"],
    )


class Denial(Asked):
    """A plan must not be carried out."""

    reason: Sentence = Field(description="Why not, for the audit.")


class Attestation(Asked):
    """A plan's steps were done by hand."""

    done: Sentence = Field(
        description="What was done, and what came of it.",
        examples=["restarted at the machine; it answers again"],
    )


class Nothing(Asked):
    """No words are needed; a body may be left out."""


ByHand = Annotated[
    tuple[str, ...],
    Field(
        description=(
            "What people can do at the machine, in order, where nobody else "
            "can approve it; empty where somebody can."
        )
    ),
]
Notes = Annotated[
    tuple[str, ...],
    Field(
        description=(
            "What else is good to know, a sentence each, such as what is "
            "left alone."
        )
    ),
]


class GateSaid(Wire):
    """What one gate says of an action."""

    gate: str = Field(description="The gate's name.", examples=["cooldown"])
    word: Word = Field(
        description=(
            "allowed; waiting: it will be asked again; skipped by "
            "break-glass; refused."
        )
    )
    because: Because


class SkippedGate(Wire):
    """The gate that a plan skips by break-glass."""

    gate: str = Field(description="The gate's name.", examples=["cooldown"])
    reason: str = Field(description="Why it does not count.")


class RefusedPlan(Problem):
    """A plan that a gate refuses: it has no id and cannot be applied."""

    steps: tuple[str, ...] = Field(
        default=(), description="What would have been done, in order."
    )
    gates: tuple[GateSaid, ...] = Field(
        default=(), description="What every gate says, those that allow too."
    )
    by_hand: ByHand = ()


class Process(Wire):
    """A process that the action ends: this one, and no other of its number."""

    pid: int = Field(description="Its number.", examples=[4711])
    user_id: int = Field(description="Whose it is: the number of its user.")
    start_ticks: int = Field(
        description="When it was started: clock ticks after boot.",
        examples=[8914203],
    )
    program: str = Field(
        description=(
            "The program and its script by name; other arguments are "
            "private. Empty when it cannot be seen."
        ),
        examples=["python facefusion.py"],
    )
    is_server: bool = Field(
        description="Whether it serves; else it is a child of one that does."
    )


class Approved(Wire):
    """One person's word for a plan."""

    who: str = Field(description="The person.", examples=["bob"])
    at: AwareDatetime = Field(description="When: RFC 3339, UTC.")
    age_seconds: Age


class Approvals(Wire):
    """How many people must agree, and who did."""

    needed: int = Field(
        ge=0, description="Other people than who asked that must agree."
    )
    given: tuple[Approved, ...] = Field(description="Oldest first.")


class PlanState(StrEnum):
    """Where a plan is."""

    OPEN = "open"
    APPLIED = "applied"
    OVER = "over"


class Plan(Wire):
    """Exactly what would be done to one target, and whether it may."""

    id: str = Field(
        description="Its name for apply, approve, deny and attest.",
        examples=["2f1c6d7e8b9a4c3d9e0f1a2b3c4d5e6f"],
    )
    digest: str = Field(
        description=(
            "SHA-256 of what it is aimed at, in hex: approvals and applying "
            "hold for this and nothing else."
        )
    )
    state: PlanState = Field(
        description=(
            "open: it may be applied; applied: its change is under way; "
            "over: it has its outcome, or has expired."
        )
    )
    outcome: Outcome | None = Field(
        description="How it ended; null while nobody has ended it."
    )
    because: Because
    target: str = Field(description="The target.", examples=["studio"])
    host: str = Field(description="The machine.", examples=["gpu1"])
    action: What
    reason: str = Field(description="Why it is wanted.")
    asked_by: str = Field(description="Who wants it.", examples=["ann"])
    trigger: Trigger = Field(
        description="Whether a person asked, or an alert or diagnosis of ours."
    )
    cause: str = Field(
        description="The diagnosis that it answers.", examples=["hung"]
    )
    steps: tuple[str, ...] = Field(description="What will be done, in order.")
    gates: tuple[GateSaid, ...] = Field(
        description="What every gate said as it was made."
    )
    processes: tuple[Process, ...] = Field(
        description="The processes that it ends; empty where none runs."
    )
    in_flight: tuple[str, ...] = Field(
        description="What users' work would be lost, a sentence each."
    )
    cards: tuple[str, ...] = Field(
        description="The GPUs whose memory it frees, by UUID."
    )
    bystanders: tuple[str, ...] = Field(
        description=(
            "Who and what else on the machine it touches, a sentence each: "
            "whoever approves the plan approves that."
        )
    )
    notes: Notes
    by_hand: ByHand
    parent: str | None = Field(
        description="The `recover` whose rung it is: a change; null for none."
    )
    break_glass: SkippedGate | None = Field(
        description="The gate that it skips; null for none."
    )
    approvals: Approvals
    confirm: str = Field(
        description="What must be typed to apply it; empty for nothing."
    )
    change: str | None = Field(
        description="The id of its change; null before it is applied."
    )
    created_at: AwareDatetime = Field(
        description="When it was made: RFC 3339, UTC."
    )
    age_seconds: Age
    expires_at: AwareDatetime = Field(
        description="Until when it and its approvals hold: RFC 3339, UTC."
    )
    remaining_seconds: float = Field(
        ge=0, description="Seconds until then, 0 afterwards; as of `at`."
    )


class PlanNow(Plan):
    """One plan."""

    at: WrittenAt


class Plans(Wire):
    """Plans, newest first."""

    at: WrittenAt
    plans: tuple[Plan, ...] = Field(description="Newest first.")
