"""What `GET /api/v1/events` sends, one model for each kind of event."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from monitor.domain.observation import Kind
from monitor.domain.recovery.words import State
from monitor.schemas.change import Change
from monitor.schemas.diagnosis import Cause, Diagnosis
from monitor.schemas.maintenance import Maintenance
from monitor.schemas.observation import Observation, Skip, Transition
from monitor.schemas.page import PageInShort
from monitor.schemas.recovery import Plan
from monitor.schemas.wire import At, CheckName, Opinion, Wire

WrittenAt = Annotated[
    AwareDatetime,
    Field(
        description=(
            "When this event was written: RFC 3339, UTC. Ages, `fresh`, "
            "`active` and what remains are as of then, also when it is sent "
            "again to somebody who comes back."
        ),
        examples=["2026-11-22T16:04:36.512Z"],
    ),
]


class About(Wire):
    """What an event is about, and when it was written."""

    at: WrittenAt
    kind: Kind = Field(
        description="Whether it is about a target, a host or the monitor."
    )
    subject: str = Field(
        description="The target's or host's name.", examples=["studio"]
    )
    check: CheckName


class ObservationEvent(About):
    """`event: observation`: a look ended."""

    observation: Observation
    health: Opinion
    maintenance: bool = Field(description="Whether it fell into planned work.")


class TransitionEvent(About):
    """`event: transition`: we changed our mind about a check."""

    transition: Transition
    maintenance: bool = Field(description="Whether it fell into planned work.")


class SkippedEvent(About):
    """`event: skipped`: a run that was due did not happen."""

    skipped: Skip


class MaintenanceEvent(Wire):
    """`event: maintenance`: planned work was started or ended."""

    at: WrittenAt
    change: Literal["started", "ended"] = Field(
        description="What happened to it."
    )
    maintenance: Maintenance


class ReloadEvent(Wire):
    """`event: reload`: a new configuration is in force."""

    at: At
    gone_targets: tuple[str, ...] = Field(description="Targets that left.")
    gone_hosts: tuple[str, ...] = Field(description="Hosts that left.")
    renewed_checks: int = Field(
        ge=0, description="Checks that are gone or watch anew."
    )


class DiagnosisEvent(About):
    """`event: diagnosis`: what is wrong with a target changed.

    Its `check` is always `diagnosis`.
    """

    before: Cause
    before_health: Opinion
    diagnosis: Diagnosis
    maintenance: bool = Field(description="Whether it fell into planned work.")


class PageEvent(About):
    """`event: page`: a page began, told or withheld, or ended.

    Its `check` is always `page`.
    """

    change: Literal["began", "ended"] = Field(
        description="What happened to it."
    )
    page: PageInShort


class PlanEvent(About):
    """`event: plan`: a plan was made, approved, applied, or is over.

    Its `check` is always `plan`.
    """

    plan: Plan


class ChangeEvent(About):
    """`event: change`: a change began, went on, or ended.

    Its `check` is always `change`.
    """

    before: State | None = Field(
        description=(
            "The state it was in before; null when it began, or when the "
            "monitor was started while it was open."
        )
    )
    change: Change


class LostEvent(Wire):
    """`event: lost`: some events could not be sent; ask for the state."""

    events: int | None = Field(
        description=(
            "How many; null when nobody knows, after a restart of the monitor."
        )
    )
    because: str = Field(
        description="Why.",
        examples=["you were too slow, or away for too long"],
    )
