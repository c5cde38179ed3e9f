"""Durations: written with a unit, kept as float seconds.

A bare number is refused: half of the readers take `timeout: 5000` for
milliseconds.
"""

import re
from decimal import Decimal
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from monitor.config.values.refusal import Refusal, Refused

PATTERN = (
    r"^(?=\d)(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$"
    r"|^\d{1,9}\.\d{1,9}(ms|s|m|h|d)$"
)
_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_UNITS = {**_MILLISECONDS, "ms": 1}
_STEP = re.compile(r"([0-9.]+)(ms|[dhms])")
_MISSPELT = re.compile(r"\s*(\d{1,9})\s*([A-Za-z]{1,12})\s*")
_LONGEST = 366 * 86_400.0
_SPELLINGS = {
    "ms": ("msec", "msecs", "milli", "millis", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}


def parse_duration(
    value: object, *, least: float = 0.0, zero: bool = False
) -> float:
    """Return seconds for `30s`, `1h30m` or `500ms`.

    Raises `Refused` for anything else, for less than `least` seconds, for
    zero where it makes no sense, and for more than 366 days.
    """
    seconds = _seconds(value)
    if seconds == 0 and not zero:
        raise _refused("{value} would be no time at all", "write 30s or so")
    if seconds < least:
        shortest = duration_text(least)
        raise _refused("{value} is too short", f"{shortest} is the least")
    if seconds > _LONGEST:
        raise _refused("{value} is too long", "366d is the most")
    return seconds


def duration_text(seconds: float) -> str:
    """Return the shortest way to write it: 90.0 is `1m30s`."""
    left = round(seconds * 1000)
    if left == 0:
        return "0s"
    parts = []
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise _without_unit()
    if not isinstance(value, str):
        raise _unreadable("write a number and a unit: 30s, 5m, 1h30m")
    if not re.fullmatch(PATTERN, value, re.ASCII):
        raise _not_a_duration(value)
    milliseconds = sum(
        Decimal(number) * _UNITS[unit] for number, unit in _STEP.findall(value)
    )
    if milliseconds % 1:
        raise _refused("{value} is finer than 1ms", "1ms is the least")
    return float(milliseconds / 1000)


def _not_a_duration(text: str) -> Refused:
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return _without_unit()
    if text.startswith("-"):
        return _refused("{value} is negative", "write it without the minus")
    misspelt = _MISSPELT.fullmatch(text)
    for unit, spellings in _SPELLINGS.items():
        if misspelt and misspelt[2].lower() in (unit, *spellings):
            return _unreadable(f"did you mean {misspelt[1]}{unit}?")
    return _unreadable("write a number and a unit: 30s, 5m, 1h30m, 7d, 500ms")


def _without_unit() -> Refused:
    return _refused(
        "{value} has no unit", "write 30s, 5m, 1h, 1d or 500ms, for example"
    )


def _unreadable(hint: str) -> Refused:
    return _refused("{value} is not a duration", hint)


def _refused(what: str, hint: str) -> Refused:
    return Refused(Refusal(what=what, hint=hint))


_WRITTEN = Annotated[str, Field(pattern=PATTERN)]
_AS_TEXT = PlainSerializer(
    duration_text, return_type=str, when_used="json-unless-none"
)

Duration = Annotated[
    float, BeforeValidator(parse_duration, _WRITTEN), _AS_TEXT
]
"""Seconds, more than none."""

Span = Annotated[
    float,
    BeforeValidator(partial(parse_duration, zero=True), _WRITTEN),
    _AS_TEXT,
]
"""Seconds, none included."""

Interval = Annotated[
    float,
    BeforeValidator(partial(parse_duration, least=0.1), _WRITTEN),
    _AS_TEXT,
]
"""Seconds between two looks; 100 ms at least, to spare the server."""
