"""Planned work."""

from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from monitor.domain.maintenance import LONGEST
from monitor.schemas.wire import Asked, Wire, WrittenAt

MOST_NAMES = 500
"""Targets, hosts or labels in one selector."""
_SET: JsonDict = {"not": {"type": "null"}}
_NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"

Name = Annotated[str, Field(pattern=_NAME)]
LabelValue = Annotated[str, Field(max_length=1024)]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]
Labels = Annotated[dict[str, LabelValue], Field(max_length=MOST_NAMES)]


_RULES: JsonDict = {
    "allOf": [
        {
            "oneOf": [
                {"required": ["ends_at"], "properties": {"ends_at": _SET}},
                {
                    "required": ["duration_seconds"],
                    "properties": {"duration_seconds": _SET},
                },
            ]
        },
        {
            "anyOf": [
                {
                    "required": ["targets"],
                    "properties": {"targets": {"minItems": 1}},
                },
                {
                    "required": ["hosts"],
                    "properties": {"hosts": {"minItems": 1}},
                },
                {
                    "required": ["labels"],
                    "properties": {"labels": {"minProperties": 1}},
                },
            ]
        },
    ],
    "examples": [
        {
            "reason": "new driver on gpu1",
            "duration_seconds": 7200,
            "hosts": ["gpu1"],
        }
    ],
}
"""The rules between fields, as JSON Schema says them."""


class NewMaintenance(Asked):
    """Planned work as it is asked for. It must have an end.

    It holds for every target that is named, is on a host that is named, or
    has all the labels.
    """

    model_config = ConfigDict(json_schema_extra=_RULES)

    reason: str = Field(
        min_length=1,
        max_length=500,
        pattern=r"\S",
        description="Why, for everybody who looks at it.",
    )
    starts_at: AwareDatetime | None = Field(
        default=None,
        description="When it starts: RFC 3339; now without it.",
    )
    ends_at: AwareDatetime | None = Field(
        default=None,
        description="When it ends: RFC 3339. Either this or a duration.",
    )
    duration_seconds: float | None = Field(
        default=None,
        gt=0,
        le=LONGEST,
        description=(
            "How long it takes, in seconds, at most 30 days. Either this or "
            "ends_at."
        ),
    )
    targets: Names = Field(default=(), description="Targets by name.")
    hosts: Names = Field(
        default=(),
        description="Hosts by name: every target on them.",
    )
    labels: Labels = Field(
        default_factory=dict,
        description="Labels that a target must have, all of them.",
    )

    @model_validator(mode="after")
    def _has_one_end(self) -> Self:
        if (self.ends_at is None) is (self.duration_seconds is None):
            raise ValueError(
                "an end is needed: give either ends_at or duration_seconds"
            )
        return self

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        if not (self.targets or self.hosts or self.labels):
            raise ValueError(
                "nothing is selected: name targets, hosts or labels"
            )
        return self


class Maintenance(Wire):
    """Planned work: no pages and no automatic actions while it holds."""

    id: str = Field(
        description="Its name for DELETE.",
        examples=["2f1c6d7e8b9a4c3d9e0f1a2b3c4d5e6f"],
    )
    active: bool = Field(description="Whether it is under way now.")
    starts_at: AwareDatetime = Field(
        description="When it starts: RFC 3339, UTC."
    )
    ends_at: AwareDatetime = Field(description="When it ends: RFC 3339, UTC.")
    ended_at: AwareDatetime | None = Field(
        description="When it was ended early: RFC 3339, UTC; else null."
    )
    remaining_seconds: float = Field(
        ge=0,
        description=(
            "Seconds until it ends, 0 when it is over; as of when the "
            "document was written."
        ),
    )
    reason: str = Field(description="Why.", examples=["new driver on gpu1"])
    by: str = Field(description="Who asked for it.", examples=["ann"])
    created_at: AwareDatetime = Field(
        description="When it was asked for: RFC 3339, UTC."
    )
    age_seconds: float | None = Field(
        description=(
            "Seconds since it was asked for, as of when the document was "
            "written; null if in the future."
        )
    )
    targets: tuple[str, ...] = Field(description="Targets by name.")
    hosts: tuple[str, ...] = Field(description="Hosts by name.")
    labels: dict[str, str] = Field(description="Labels, all must match.")


class Maintenances(Wire):
    """Planned work that is under way or to come."""

    at: WrittenAt
    maintenance: tuple[Maintenance, ...] = Field(description="Soonest first.")
