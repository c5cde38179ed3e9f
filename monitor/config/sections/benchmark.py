"""`benchmark`: how long a canary may take."""

from typing import Self

from pydantic import Field, model_validator

from monitor.config.sections.section import Section
from monitor.config.values.amount import Number
from monitor.config.values.duration import Duration, duration_text
from monitor.config.values.refusal import Refusal, Refused


class Benchmark(Section):
    """What the RTX 3090 table (DESIGN §3.5) is multiplied with."""

    factor: Number = Field(
        default=1.0,
        gt=0,
        le=1000,
        description=(
            "How many times longer than an RTX 3090 this GPU may take; "
            "less than 1 for a faster one. Once set, the benchmark judges "
            "on any GPU."
        ),
        examples=[0.5],
    )
    tolerance: Number = Field(
        default=1.5,
        ge=1,
        le=1000,
        description="A run is slow above high bound * factor * tolerance.",
        examples=[1.5],
    )


class Band(Section):
    """Bounds of one canary; the table's where it says nothing."""

    low: Duration | None = Field(
        default=None,
        description="The shortest time that is expected.",
        examples=["1s"],
    )
    high: Duration | None = Field(
        default=None,
        description="The longest time that is expected.",
        examples=["2s"],
    )

    @model_validator(mode="after")
    def _low_is_not_above_high(self) -> Self:
        if self.low and self.high and self.low > self.high:
            low, high = duration_text(self.low), duration_text(self.high)
            raise Refused(
                Refusal(
                    what=f"low ({low}) is above high ({high})",
                    hint="swap them",
                    at=(("low",), ("high",)),
                )
            )
        return self
