"""`targets[].status`: how the status endpoint is watched."""

from typing import Self

from pydantic import Field, model_validator

from monitor.config.sections.section import Section
from monitor.config.values.amount import Whole
from monitor.config.values.duration import Duration, Interval, duration_text
from monitor.config.values.refusal import Refusal, Refused


class Status(Section):
    """Looks at the status endpoint, and how many make an opinion."""

    interval: Interval = Field(
        default="30s",
        validate_default=True,
        description="Time between two looks.",
        examples=["10s"],
    )
    timeout: Duration = Field(
        default="5s",
        validate_default=True,
        description="How long one look may take.",
        examples=["3s"],
    )
    failures: Whole = Field(
        default=3,
        ge=1,
        le=20,
        description="Bad looks in a row that make the server unhealthy.",
        examples=[3],
    )
    successes: Whole = Field(
        default=2,
        ge=1,
        le=20,
        description="Good looks in a row that make it healthy again.",
        examples=[2],
    )
    confirm_interval: Interval = Field(
        default="2s",
        validate_default=True,
        description="Time between two looks while the opinion changes.",
        examples=["1s"],
    )
    busy_limit: Duration = Field(
        default="30m",
        validate_default=True,
        description=(
            "How long a server may answer nothing and finish nothing before "
            "it counts as hung, where its work cannot be seen."
        ),
        examples=["1h"],
    )

    @model_validator(mode="after")
    def _a_look_ends_before_the_next(self) -> Self:
        if self.timeout > self.interval:
            timeout = duration_text(self.timeout)
            interval = duration_text(self.interval)
            raise Refused(
                Refusal(
                    what=f"a timeout of {timeout} is longer than the "
                    f"interval of {interval}",
                    hint="shorten timeout or lengthen interval",
                    at=(("timeout",), ("interval",)),
                )
            )
        return self
