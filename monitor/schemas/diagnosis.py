"""What is wrong with a server, why, and what to do about it."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.observation import Kind
from monitor.schemas.wire import Age, At, Because, CheckName, Opinion, Wire

Cause = Annotated[
    str,
    Field(
        description=(
            "One word for what is wrong, `none` when nothing is; the words "
            "are a public promise."
        ),
        examples=["process_down"],
    ),
]
HowSevere = Annotated[
    Severity,
    Field(
        description=(
            "critical wakes somebody, warning waits for the morning, info "
            "is only told."
        ),
        examples=["critical"],
    ),
]
Remedies = Annotated[
    tuple[Remedy, ...],
    Field(
        description="What may help and could be done for you, mildest first.",
        examples=[["restart"]],
    ),
]
WithheldBecause = Annotated[
    str,
    Field(
        description="Why nobody is told, as a sentence; empty when told.",
        examples=["maintenance: a new driver"],
    ),
]


class PageState(StrEnum):
    """Whether anybody is told of a diagnosis."""

    TOLD = "told"
    WITHHELD = "withheld"
    NONE = "none"


class Evidence(Wire):
    """One thing that was seen and speaks for the cause."""

    kind: Kind = Field(
        description="Whether a target, a host or the monitor was looked at."
    )
    subject: str = Field(
        description="The target's or host's name.", examples=["studio"]
    )
    check: CheckName
    because: Because
    at: At
    age_seconds: Age


class DiagnosisInShort(Wire):
    """The one cause that explains what was seen of a server."""

    cause: Cause
    severity: HowSevere
    since: AwareDatetime = Field(
        description="Since when it is believed: RFC 3339, UTC.",
        examples=["2026-11-22T09:12:00Z"],
    )
    because: Because
    remedies: Remedies


class Diagnosis(DiagnosisInShort):
    """The one cause that explains what was seen, with the evidence."""

    health: Opinion
    evidence: tuple[Evidence, ...] = Field(
        description="What speaks for it, newest first."
    )
    unknown: tuple[str, ...] = Field(
        description="What could not be known, a sentence each.",
        examples=[["process and log: no service is configured for it"]],
    )
    also: tuple[str, ...] = Field(
        description=(
            "Other causes that hold beside it, deepest first: what is left "
            "when this one is healed."
        ),
        examples=[["slow"]],
    )
    advice: str = Field(
        description="What people do first; empty when nothing is wrong.",
        examples=["restart it, and read the log for why it ended"],
    )
    runbook: str = Field(
        description=(
            "The runbook's place in the repository; empty when nothing is "
            "wrong."
        ),
        examples=["deploy/runbooks/process_down.md"],
    )


class TargetDiagnosis(DiagnosisInShort):
    """A target's diagnosis, and whether anybody is told of it."""

    page: PageState = Field(
        description=(
            "told: somebody is woken, or reads it in the morning; withheld: "
            "it would be told, but for a reason; none: it needs nobody."
        )
    )


class TargetDiagnosisInFull(TargetDiagnosis, Diagnosis):
    """A target's diagnosis with the evidence, and who is told of it."""

    withheld_because: WithheldBecause
