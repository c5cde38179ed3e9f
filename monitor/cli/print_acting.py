"""What may be acted on on a machine, for people and for programs."""

import typer

from monitor.daemon.acting_check import AtHand
from monitor.domain.quote import quote


def print_acting(host: str, hand: AtHand | None) -> None:
    """Print what the act key may do; nothing where there is none."""
    if hand is None:
        return
    if hand.answer is None:
        typer.echo(f"nothing may be acted on: {hand.because}")
        return
    version = quote(hand.answer.version)
    python = quote(hand.answer.python)
    typer.echo(
        f"{host} may be acted on: its act key opens gate {version}"
        f" (Python {python})"
    )
    for one in hand.services:
        typer.echo(f"- {one.target}: {one.because or 'may be restarted'}")
        for note in one.notes:
            typer.echo(f"  {note}")
    if hand.reboot:
        typer.echo(f"it may not be rebooted: {hand.reboot}")


def acting_data(hand: AtHand | None) -> dict[str, object] | None:
    """Return the same for JSON, None without an act key."""
    if hand is None:
        return None
    answer = hand.answer
    return {
        "because": hand.because,
        "gate": answer.version if answer else None,
        "python": answer.python if answer else None,
        "reboot": hand.reboot,
        "services": [
            {
                "target": one.target,
                "may": not one.because,
                "because": one.because,
                "notes": list(one.notes),
            }
            for one in hand.services
        ],
    }
