"""What all documents of the wire format have in common."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.domain.health import Health


class Wire(BaseModel):
    """A document that the daemon sends.

    A client ignores fields that it does not know: a newer daemon may send
    more than an older client was written for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Asked(BaseModel):
    """A document that the daemon is sent; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def utc(at: float) -> datetime:
    """Return a Unix time in seconds as it is written on the wire."""
    return datetime.fromtimestamp(at, UTC)


def maybe_utc(at: float | None) -> datetime | None:
    """Return a Unix time as it is written on the wire, None without one."""
    return None if at is None else utc(at)


WrittenAt = Annotated[
    AwareDatetime,
    Field(description="When this answer was written: RFC 3339, UTC."),
]
SeenAt = Annotated[
    AwareDatetime | None,
    Field(
        description=(
            "When any of its checks was last looked at: RFC 3339, UTC; null "
            "when none was since the monitor started."
        )
    ),
]
At = Annotated[
    AwareDatetime,
    Field(
        description="When this was so: RFC 3339, UTC.",
        examples=["2026-11-22T16:04:36.512Z"],
    ),
]
Age = Annotated[
    float | None,
    Field(
        description=(
            "Seconds since then, as of the `at` of the whole document: when "
            "it was written, also if it is sent again later. Null when it "
            "was never seen, or lies in the future because the clock was "
            "set back."
        ),
        examples=[12.4],
    ),
]
Because = Annotated[
    str,
    Field(
        description="Why, as a sentence for people.",
        examples=["answered 200 in 0.012 s"],
    ),
]
Reason = Annotated[
    str,
    Field(
        description="Why, as one word for rules; empty when all is well.",
        examples=["timeout"],
    ),
]
Opinion = Annotated[
    Health,
    Field(
        description=(
            "healthy, degraded, unhealthy, or unknown when nothing recent "
            "enough is known."
        ),
        examples=["healthy"],
    ),
]
Since = Annotated[
    AwareDatetime | None,
    Field(
        description="Since when (RFC 3339, UTC); null while unknown.",
        examples=["2026-11-22T09:12:00Z"],
    ),
]
CheckName = Annotated[
    str,
    Field(
        description="The check's name within its target or host.",
        examples=["status", "canary.enhance-gfpgan_1.4"],
    ),
]
