"""`targets[].recovery`: what may be done, and how often."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.config.sections.section import Section
from monitor.config.values.amount import BudgetText
from monitor.config.values.duration import Span
from monitor.config.values.refusal import Refusal, refuse_if_any

Action = Literal["restart", "free-gpu-memory", "reboot"]


def _off(value: object) -> object:
    """Read an unquoted off, which YAML takes for false."""
    return "off" if value is False else value


Mode = Annotated[
    Literal["off", "suggest", "auto"],
    BeforeValidator(_off, Literal["off", "suggest", "auto", False]),
]


class Budgets(Section):
    """How often each action may be done."""

    restart: BudgetText = Field(
        default="3/1h",
        validate_default=True,
        description="Restarts within any such time.",
        examples=["3/1h"],
    )
    free_gpu_memory: BudgetText = Field(
        default="3/1h",
        validate_default=True,
        alias="free-gpu-memory",
        description="Times that memory is freed within any such time.",
        examples=["3/1h"],
    )
    reboot: BudgetText = Field(
        default="1/24h",
        validate_default=True,
        description="Reboots within any such time.",
        examples=["1/24h"],
    )


class Recovery(Section):
    """Which actions are possible, and which need nobody's word."""

    mode: Mode = Field(
        default="suggest",
        description=(
            "off: nothing is planned. suggest: people decide. auto: the "
            "actions in auto are done without asking."
        ),
        examples=["suggest"],
    )
    allow: tuple[Action, ...] = Field(
        default=(),
        description="Actions that may be done at all.",
        examples=[["restart", "free-gpu-memory", "reboot"]],
    )
    auto: tuple[Action, ...] = Field(
        default=(),
        description=(
            "Actions of allow that may be done without asking; a reboot "
            "never may. Unset with mode auto: restart, where allow holds it."
        ),
        examples=[["restart"]],
    )
    cooldown: Span = Field(
        default="10m",
        validate_default=True,
        description="Least time between two actions on one target.",
        examples=["10m"],
    )
    budget: Budgets = Field(
        default_factory=Budgets,
        description="How often each action may be done: times/duration.",
        examples=[{"restart": "3/1h"}],
    )

    @model_validator(mode="before")
    @classmethod
    def _by_itself_only_a_restart(cls, given: object) -> object:
        """Let automation restart, and no more, where nobody says what."""
        if not isinstance(given, dict) or "auto" in given:
            return given
        allow = given.get("allow")
        may = isinstance(allow, list | tuple) and "restart" in allow
        if given.get("mode") != "auto" or not may:
            return given
        return {**given, "auto": ["restart"]}

    @model_validator(mode="after")
    def _only_the_allowed_is_automatic(self) -> Self:
        refuse_if_any(_too_much(self))
        return self


def _too_much(recovery: Recovery) -> Iterator[Refusal]:
    for index, action in enumerate(recovery.auto):
        if action == "reboot":
            yield Refusal(
                what="a reboot is never automatic",
                hint="leave it out of auto; people can approve one",
                at=(("auto", index),),
            )
        elif action not in recovery.allow:
            yield Refusal(
                what="{value} is not among the allowed actions",
                hint="add it to recovery.allow or leave it out of auto",
                at=(("auto", index), ("allow",)),
            )
