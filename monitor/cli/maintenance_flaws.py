"""What is wrong with planned work that was typed, in terms of options."""

from pydantic import ValidationError

from monitor.domain.maintenance import LONGEST
from monitor.domain.quote import quote

_OPTIONS = {
    "reason": "--reason",
    "duration_seconds": "--for",
    "ends_at": "--until",
    "targets": "--target",
    "hosts": "--host",
    "labels": "--label",
}
_NO_REASON = "{option} is empty; say why"
_WORDS = {
    "string_too_short": _NO_REASON,
    "string_pattern_mismatch": (
        "{option}: {value} is no name; use small letters, digits, dots,"
        " dashes and underscores"
    ),
    "string_too_long": (
        "{option} is longer than {max_length} characters; shorten it"
    ),
    "too_long": "{option} is given more than {max_length} times; use --label",
    "less_than_equal": (
        f"{{option}} is more than {LONGEST / 86_400:g} days; start it again"
        " then"
    ),
    "greater_than": "{option} is no time at all; write 90m, for example",
}
"""By pydantic's error type."""


def flaw(error: ValidationError) -> str:
    """Return the first flaw as a part of a sentence."""
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    words = _WORDS.get(first["type"], "{option}: {said}")
    if field == "reason" and first["type"] == "string_pattern_mismatch":
        words = _NO_REASON
    return words.format(
        option=_OPTIONS.get(field, "it"),
        value=quote(repr(first["input"])),
        said=quote(first["msg"].removeprefix("Value error, ")),
        max_length=first.get("ctx", {}).get("max_length", ""),
    )
