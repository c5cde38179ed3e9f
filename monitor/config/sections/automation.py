"""`automation[]`: what an alert or a diagnosis sets off."""

from typing import Literal, Self

from pydantic import Field, model_validator

from monitor.config.sections.causes import Cause
from monitor.config.sections.recovery import Action
from monitor.config.sections.section import Section
from monitor.config.values.refusal import Refusal, Refused


class Automation(Section):
    """One rule; the target is the alert's label `target`."""

    alert: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Name of the alert that sets it off.",
        examples=["FaceFusionPageCritical"],
    )
    diagnosis: Cause | None = Field(
        default=None,
        description="Cause that sets it off.",
        examples=["hung"],
    )
    action: Action = Field(
        description="What is planned.", examples=["restart"]
    )
    do: Literal["plan", "apply"] = Field(
        default="plan",
        description=(
            "plan: people decide. apply: done, if recovery.mode and the "
            "gates allow it."
        ),
        examples=["plan"],
    )

    @model_validator(mode="after")
    def _one_thing_sets_it_off(self) -> Self:
        if (self.alert is None) == (self.diagnosis is None):
            raise Refused(
                Refusal(
                    what="a rule needs an alert or a diagnosis, and not both",
                    hint="write alert: NAME or diagnosis: CAUSE",
                    at=(("diagnosis",), ("alert",)),
                )
            )
        return self
