"""Prints changes: one as it goes on, or those that there were."""

from collections.abc import Sequence

import typer
from rich.table import Table

from monitor.cli.console import console
from monitor.cli.words import NONE, moment, plain, span
from monitor.domain.quote import quote
from monitor.domain.recovery.words import Action, Outcome
from monitor.schemas.change import Change

LONGEST = 400
"""Characters of a sentence about how it goes on."""
_COLOURS = {
    Outcome.SUCCEEDED: "green",
    Outcome.FAILED: "red",
    Outcome.GAVE_UP: "red",
    Outcome.INTERRUPTED: "red",
}


def print_progress(change: Change) -> None:
    """Print where a change is now: one line, at once."""
    said = quote(change.progress or change.because, LONGEST)
    _at_once(f"{moment(change.updated_at)}  {_where(change):10}  {said}")


def print_outcome(change: Change) -> None:
    """Print how a change ended, and whether anything was done."""
    nothing = "; nothing was done" if _did_nothing(change) else ""
    _at_once(f"{_of(change)}: {_where(change)}{nothing}")


def print_cancelled(change: Change, options: str = "") -> None:
    """Print what became of the wish to stop a change: never more than that.

    `options` are those with which another command finds this daemon.
    """
    if change.outcome is Outcome.CANCELLED:
        _at_once(f"{_of(change)}: cancelled; nothing was done")
    elif change.outcome is not None:
        ended = f"it had ended before: {_where(change)}"
        _at_once(f"{_of(change)}: not cancelled; {ended}")
    else:
        _at_once(
            f"{_of(change)}: not cancelled; it was too late: it is"
            f" {_where(change)} and goes on to its outcome. Follow it with"
            f" `facefusion-monitor changes {quote(change.id)}"
            f" --follow{options}`"
        )


def print_change(change: Change) -> None:
    """Print all that is known of a change."""
    for name, value in (
        ("change", plain(change.id)),
        ("plan", plain(change.plan)),
        ("rung of", plain(change.parent or "")),
        ("action", f"{change.action.value} {plain(change.target)}"),
        ("host", plain(change.host)),
        ("asked for by", f"{plain(change.asked_by)} ({change.trigger.value})"),
        ("asked for at", f"{moment(change.created_at)} UTC"),
        ("begun at", _begun(change)),
        ("state", _coloured(change)),
        ("since", f"{moment(change.updated_at)} UTC"),
        ("because", plain(change.because)),
        ("newest", plain(change.progress)),
        ("stop asked by", plain(change.cancel_asked_by or "")),
    ):
        if value:
            _say(f"{name + ':':14} {value}")


def print_changes(changes: Sequence[Change]) -> None:
    """Print one row a change, the newest last, next to the prompt."""
    if not changes:
        _say("nothing was done: there is no change")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("ASKED (UTC)", "ID", "TARGET", "ACTION", "BY", "STATE")
    for heading in (*headings, "TOOK", "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for change in reversed(changes):
        table.add_row(*_cells(change))
    console().print(table)


def _of(change: Change) -> str:
    return f"{change.action.value} of {quote(change.target)}"


def _at_once(line: str) -> None:
    """Print a line as it is. Raises `BrokenPipeError` if nobody reads."""
    typer.echo(line)


def _cells(change: Change) -> tuple[str, ...]:
    return (
        moment(change.created_at),
        plain(change.id),
        plain(change.target),
        change.action.value,
        plain(change.asked_by),
        _coloured(change),
        _took(change),
        plain(change.because),
    )


def _took(change: Change) -> str:
    """Return how long it took from its intent to its outcome."""
    if change.intent_at is None or change.outcome is None:
        return NONE
    return span((change.updated_at - change.intent_at).total_seconds())


def _begun(change: Change) -> str:
    if change.intent_at:
        return f"{moment(change.intent_at)} UTC"
    if _did_nothing(change):
        return "never: nothing was done"
    if change.action is Action.RECOVER:
        return "by its rungs, each for itself"
    return "not yet"


def _did_nothing(change: Change) -> bool:
    """Tell whether it is sure; a recover that nobody ended may have."""
    if change.outcome is None or change.intent_at or change.done:
        return False
    is_climb = change.action is Action.RECOVER
    return not (is_climb and change.outcome is Outcome.INTERRUPTED)


def _where(change: Change) -> str:
    return (change.outcome or change.state).value


def _coloured(change: Change) -> str:
    if change.outcome is None:
        return f"[yellow]{change.state.value}[/]"
    colour = _COLOURS.get(change.outcome, "default")
    return f"[{colour}]{change.outcome.value}[/]"


def _say(line: str) -> None:
    """Print a line that is not folded, so that it can be copied."""
    console().print(line, highlight=False, soft_wrap=True)
