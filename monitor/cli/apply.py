"""`apply`: carry a plan out, and follow it to its outcome."""

import sys
from typing import Annotated

import typer

from monitor.cli.acting import (
    NOT_KNOWN,
    PlanId,
    again,
    missing_plan,
    plan_id,
)
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.following import detached, follow
from monitor.cli.lengths import length
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    IdempotencyKey,
    TokenFile,
)
from monitor.cli.print_refused import told_refused
from monitor.cli.wording import Daemon
from monitor.client import DEFAULT_URL, NoDaemon, PlanRefused
from monitor.domain.errors import MonitorError
from monitor.domain.quote import quote
from monitor.schemas.recovery import PlanNow


class NotConfirmed(MonitorError):
    """Nobody typed what the plan asks for."""


_Confirm = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The name that the plan asks for: of the target, for a reboot of"
        " the host. Asked for on a terminal.",
    ),
]
_Detach = Annotated[
    bool, typer.Option("--detach", help="Begin it and do not follow it.")
]
_Wait = Annotated[
    str, typer.Option(help="How long to follow it at most, e.g. 30m.")
]


def apply(
    plan: PlanId,
    confirm: _Confirm = None,
    detach: _Detach = False,
    wait: _Wait = "2h",
    key: IdempotencyKey = "",
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Carry a plan out, and follow it to its outcome.

    Everything is looked at again first; a plan that does not hold any more
    is refused. While an approval is missing it waits. Ctrl-C stops only the
    following: it goes on by itself. Exits 0 when it succeeded; 1 when
    nothing was done (refused, denied, cancelled, expired, timed out, …); 2
    when it failed or was given up; 3 when the outcome is not known: it was
    interrupted, nobody follows it any more, or no daemon answers.
    """
    id_, within = plan_id(plan), length("--wait", wait)
    daemon = Daemon(url, token_file, ca_file)
    typed = _asked_for(daemon, id_) if confirm is None else confirm
    try:
        begun = ask(
            *daemon,
            lambda door: door.apply(id_, confirm=typed, key=key),
            missing=missing_plan(id_),
        )
    except PlanRefused as refused:
        return told_refused(refused, output)
    except (NoDaemon, KeyboardInterrupt) as error:
        return _lost(id_, error)
    if not detach:
        return follow(*daemon, begun, output, within)
    if output is Format.JSON:
        print_json(begun)
    detached(begun.id, again(url, token_file))
    return NOT_KNOWN


def _asked_for(daemon: Daemon, id_: str) -> str:
    """Return what somebody types. Raises `MonitorError`."""
    plan = ask(
        *daemon, lambda door: door.plan_of(id_), missing=missing_plan(id_)
    )
    return _typed(plan)


def _typed(plan: PlanNow) -> str:
    """Return what somebody types for a plan. Raises `NotConfirmed`."""
    if not plan.confirm:
        return ""
    if not sys.stdin.isatty():
        raise NotConfirmed(
            f"cannot apply plan {quote(plan.id)} unasked: nobody is at the"
            " terminal; say --confirm with the name that the plan asks for"
        )
    what = f"{plan.action.value} {quote(plan.target)} on {quote(plan.host)}"
    for step in plan.steps:
        typer.echo(f"- {quote(step, 400)}", err=True)
    for other in plan.bystanders:
        typer.echo(f"- it touches: {quote(other, 400)}", err=True)
    for lost in plan.in_flight:
        typer.echo(f"- users lose: {quote(lost, 400)}", err=True)
    typed: str = typer.prompt(
        f"To {what}, type {quote(plan.confirm)}",
        default="",
        show_default=False,
        err=True,
    )
    return typed.strip()


def _lost(plan: str, error: NoDaemon | KeyboardInterrupt) -> int:
    """Say that nobody knows whether it was begun."""
    said = str(error) or f"cannot wait for plan {plan}: interrupted"
    typer.echo(
        f"{said}; if it was begun it goes on by itself:"
        " `facefusion-monitor changes` shows it",
        err=True,
    )
    return NOT_KNOWN
