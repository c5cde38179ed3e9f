"""Prints a plan that a gate refuses: it has no id, and nothing was done."""

from http import HTTPStatus

import typer

from monitor.cli import exit_codes
from monitor.cli.options import Format
from monitor.cli.print_plan import print_by_hand, print_gates, print_steps, say
from monitor.cli.words import plain
from monitor.client import PlanRefused
from monitor.domain.recovery.words import Word
from monitor.schemas.recovery import RefusedPlan


def told_refused(refused: PlanRefused, output: Format) -> int:
    """Print it, and why on standard error; return the exit code."""
    if output is Format.JSON:
        typer.echo(refused_as_json(refused))
    else:
        print_refused(refused)
    typer.echo(str(refused), err=True)
    return exit_codes.FAILED


def print_refused(refused: PlanRefused) -> None:
    """Print what would have been done, and which gate says no."""
    by = [g.gate for g in refused.gates if g.word is Word.REFUSED]
    gates = f" by {', '.join(map(plain, by))}" if by else ""
    say(f"[bold red]REFUSED[/]{gates}: nothing was done")
    print_steps(refused.steps)
    print_gates(refused.gates)
    print_by_hand(refused.by_hand)


def refused_as_json(refused: PlanRefused) -> str:
    """Return the steps and gates of a plan that is refused; it has no id."""
    told = RefusedPlan(
        title=HTTPStatus(refused.code).phrase,
        status=refused.code,
        detail=str(refused),
        steps=refused.steps,
        gates=refused.gates,
        by_hand=refused.by_hand,
    )
    return told.model_dump_json(indent=2)
