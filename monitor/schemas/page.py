"""Pages: who was woken, or would have been, and why."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from monitor.schemas.diagnosis import (
    Cause,
    HowSevere,
    Remedies,
    WithheldBecause,
)
from monitor.schemas.wire import Age, Because, Wire, WrittenAt


class Woken(StrEnum):
    """What a page does to people."""

    NOW = "now"
    MORNING = "morning"
    NOBODY = "nobody"


class Withheld(StrEnum):
    """Why a page is withheld."""

    MAINTENANCE = "maintenance"
    OWN_CHANGE = "own_change"
    FLAPPING = "flapping"
    CHILD = "child"


class PageInShort(Wire):
    """One page, or what would have been one."""

    target: str = Field(description="The target.", examples=["studio"])
    host: str | None = Field(
        description="The machine it is on; null for none that we know.",
        examples=["gpu1"],
    )
    cause: Cause
    severity: HowSevere
    because: Because
    remedies: Remedies
    began_at: AwareDatetime = Field(
        description="When it began: RFC 3339, UTC."
    )
    age_seconds: Age
    woken: Woken = Field(
        description=(
            "now: somebody is woken; morning: it waits until then; nobody: "
            "it is withheld."
        )
    )
    withheld: Withheld | None = Field(
        description=(
            "maintenance: planned work; own_change: our own change causes "
            "it; flapping: what it rests on changes all the time; child: "
            "another target's page speaks for their machine. Null when "
            "somebody is told."
        )
    )
    withheld_because: WithheldBecause


class Page(PageInShort):
    """One page as it is kept."""

    id: int = Field(description="Counts up; `before` takes it.", examples=[42])
    ended_at: AwareDatetime | None = Field(
        description="When it ended: RFC 3339, UTC; null while it holds."
    )
    duration_seconds: float | None = Field(
        description=(
            "How long it held, until now while it does; null when the clock "
            "was set back meanwhile."
        ),
        examples=[74.2],
    )


class Pages(Wire):
    """Who was woken, or would have been, newest first."""

    at: WrittenAt
    pages: tuple[Page, ...] = Field(description="Newest first.")
    next_before: int | None = Field(
        description=(
            "Ask again with before= this for earlier ones; null when there "
            "are no more."
        )
    )
