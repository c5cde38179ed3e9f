"""The audit on the wire: every entry is bound to all before it by its hash."""

from pydantic import AwareDatetime, Field

from monitor.schemas.wire import Age, Wire, WrittenAt

_HASH = "0" * 60 + "c0de"


class AuditEntry(Wire):
    """Something that happened, in its place in the chain.

    `at_unix` and the texts are exactly what is hashed: whoever wants to can
    compute the chain again.
    """

    sequence: int = Field(
        ge=1, description="Counts from 1, without gaps.", examples=[42]
    )
    at: AwareDatetime = Field(description="When: RFC 3339, UTC.")
    at_unix: float = Field(
        description="The same as a Unix time in seconds, as it is hashed."
    )
    age_seconds: Age
    what: str = Field(
        description=(
            "planned, refused, approved, denied, applied, ready, draining, "
            "intent, sent, verifying, unknown, outcome, cancel_asked, "
            "attested, captured, reaped, fencing_raised; more may come."
        ),
        examples=["intent"],
    )
    plan: str = Field(description="The id of the request.")
    who: str = Field(description="Whom it is put down to.", examples=["ann"])
    action: str = Field(description="Empty where it is about none.")
    target: str = Field(description="Empty where it is about none.")
    host: str = Field(description="Empty where it is about none.")
    change: str = Field(description="Its change's id; empty before.")
    trigger: str = Field(
        description="person or automation; empty for the monitor itself."
    )
    outcome: str = Field(
        description="Set in the one entry that ends a request."
    )
    because: str = Field(description="Why, as a sentence for people.")
    detail: tuple[tuple[str, str], ...] = Field(
        description="More, as pairs of a name and a text."
    )
    before: str = Field(
        description="The hash of the entry before it; zeros for the first.",
        examples=[_HASH],
    )
    hash: str = Field(
        description="SHA-256 in hex of this entry and `before`.",
        examples=[_HASH],
    )


class Audit(Wire):
    """The audit, or a part of it."""

    at: WrittenAt
    entries: tuple[AuditEntry, ...] = Field(description="Oldest first.")
    next_after: int | None = Field(
        description=(
            "Ask again with after= this for later ones; null when there are "
            "no more by now."
        )
    )


class AuditHead(Wire):
    """The newest entry, to be compared with what was noted elsewhere."""

    sequence: int = Field(ge=1, description="Its place.", examples=[42])
    hash: str = Field(description="Its hash.", examples=[_HASH])


class AuditVerification(Wire):
    """The chain, computed anew from its first entry."""

    at: WrittenAt
    ok: bool = Field(description="Whether it is whole.")
    entries: int = Field(ge=0, description="Entries that there are.")
    head: AuditHead | None = Field(
        description="The newest of them; null for an empty audit."
    )
    flaws: tuple[str, ...] = Field(
        description="What is wrong, a sentence each, the oldest first."
    )
