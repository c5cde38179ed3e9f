"""Numbers, percentages and budgets."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer
from typing_extensions import override

from monitor.config.values.duration import duration_text, parse_duration
from monitor.config.values.refusal import Refusal, Refused

_PERCENT = r"^\d{1,3}(\.\d{1,6})?%$"
_BUDGET = r"^\d{1,4}/\d[\d.a-z]*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most `times` within any `per` seconds."""

    times: int
    per: float

    @override
    def __str__(self) -> str:
        """Return `3/1h`, the way it is written."""
        return f"{self.times}/{duration_text(self.per)}"


def parse_percent(value: object) -> float:
    """Return the ratio for `5%`; more than 0 %, at most 100 %."""
    if not isinstance(value, str) or not re.fullmatch(_PERCENT, value):
        raise Refused(
            Refusal(what="{value} is not a percentage", hint="write 5%")
        )
    ratio = float(value.removesuffix("%")) / 100
    if not 0 < ratio <= 1:
        raise Refused(
            Refusal(
                what="{value} is out of range",
                hint="more than 0% and at most 100% is possible",
            )
        )
    return ratio


def percent_text(ratio: float) -> str:
    """Return `5%` for 0.05."""
    return f"{round(ratio * 100, 6):g}%"


def parse_budget(value: object) -> Budget:
    """Return the budget for `3/1h`: three within any hour."""
    if isinstance(value, Budget):
        return value
    if not isinstance(value, str) or not re.fullmatch(_BUDGET, value):
        raise Refused(
            Refusal(
                what="{value} is not a budget",
                hint="write how many in how long: 3/1h",
            )
        )
    times, _, per = value.partition("/")
    if int(times) == 0:
        raise Refused(
            Refusal(
                what="{value} allows none at all",
                hint="leave the action out of recovery.allow instead",
            )
        )
    return Budget(times=int(times), per=parse_duration(per))


def _number_only(value: object) -> object:
    if isinstance(value, bool):
        raise Refused(
            Refusal(
                what="{value} is read as true or false",
                hint="write a number",
            )
        )
    return value


Whole = Annotated[int, BeforeValidator(_number_only)]
"""A whole number; `true` is not 1."""

Number = Annotated[
    float, Field(allow_inf_nan=False), BeforeValidator(_number_only)
]
"""A number; `true` is not 1, and infinity is no number."""

Percent = Annotated[
    float,
    BeforeValidator(parse_percent, Annotated[str, Field(pattern=_PERCENT)]),
    PlainSerializer(percent_text, return_type=str, when_used="json"),
]
"""A ratio, written as a percentage."""

BudgetText = Annotated[
    Budget,
    BeforeValidator(parse_budget, Annotated[str, Field(pattern=_BUDGET)]),
    PlainSerializer(str, return_type=str, when_used="json"),
]
"""A budget, written `3/1h`."""
