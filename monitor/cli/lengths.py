"""Durations as options of commands."""

import typer

from monitor.config.values.duration import parse_duration
from monitor.config.values.refusal import Refused


def length(option: str, text: str) -> float:
    """Return seconds for `30m`, `12h` or `7d`. Raises `BadParameter`."""
    try:
        return parse_duration(text)
    except Refused as refused:
        flaw = refused.refusals[0]
        what = flaw.what.replace("{value}", repr(text))
        raise typer.BadParameter(
            f"cannot use {option}: {what}; {flaw.hint}"
        ) from None
