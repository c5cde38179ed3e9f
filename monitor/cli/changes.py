"""`changes`: what was done to servers, and what came of it."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.acting import (
    again,
    change_id,
    missing_change,
    no_change,
    target_name,
)
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.following import follow
from monitor.cli.lengths import length
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_change import print_change, print_changes
from monitor.cli.print_plan import missing_approvals, print_plan
from monitor.cli.print_rungs import RungTeller
from monitor.cli.print_waiting import is_ours, print_waiting
from monitor.client import DEFAULT_URL, Client, Unknown
from monitor.schemas.change import ChangeNow, Changes
from monitor.schemas.recovery import Plan, PlanNow, PlanState

_MOST = 1000
"""Changes that the daemon gives at a time."""


class ChangesAndWaiting(Changes):
    """Changes, and the plans that wait for approval, newest first."""

    waiting: tuple[Plan, ...]


def changes(
    change: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="Only this one, in full; a plan's, too."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Only those of this target.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Changes at most.")
    ] = 100,
    follow_it: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Follow the one to its outcome; exits as `apply` does.",
        ),
    ] = False,
    wait: Annotated[
        str, typer.Option(help="How long to follow it at most, e.g. 30m.")
    ] = "2h",
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Show what was done, by whom, and how it ended.

    The id of a plan shows that plan. Above all changes are the plans that
    wait for approval, and those of automation that wait to be applied. Text
    has the newest change last, next to the prompt; JSON is what the daemon
    says, newest first, with those plans as `waiting`. Exits 0; with --follow
    as `apply`; 3 when no daemon answers.
    """
    if change is None:
        if follow_it:
            raise typer.BadParameter(
                "cannot follow all changes: name one, as `changes` shows it"
            )
        return _all(url, token_file, ca_file, output, target, limit)
    id_, within = change_id(change), length("--wait", wait)
    daemon = (url, token_file, ca_file)
    told = ask(
        *daemon, lambda door: _one(door, id_), missing=missing_change(id_)
    )
    if follow_it:
        if isinstance(told, PlanNow):
            raise no_change(told)
        return follow(*daemon, told, output, within)
    if output is Format.JSON:
        print_json(told)
    else:
        _print_one(told, again(url, token_file))
    return exit_codes.OK


def _print_one(told: ChangeNow | PlanNow, options: str) -> None:
    if isinstance(told, PlanNow):
        typer.echo(f"{told.id} is a plan, no change:", err=True)
        print_plan(told, options)
        return
    print_change(told)
    RungTeller(options).tell(told.rungs)


def _all(
    url: str,
    token_file: Path | None,
    ca_file: Path | None,
    output: Format,
    target: str | None,
    limit: int,
) -> int:
    wanted = None if target is None else target_name(target)
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: _asked(door, limit, wanted),
    )
    if output is Format.JSON:
        print_json(told)
        return exit_codes.OK
    print_waiting(told.waiting, again(url, token_file))
    print_changes(told.changes)
    if told.next_before is not None:
        typer.echo("there are more: --limit shows more of them", err=True)
    return exit_codes.OK


async def _asked(
    door: Client, limit: int, target: str | None
) -> ChangesAndWaiting:
    """Return what there is. Raises `ClientError`."""
    plans = await door.plans()
    found = await door.changes(limit=limit, target=target)
    waiting = tuple(
        one
        for one in plans.plans
        if _waits(one) and target in {None, one.target}
    )
    return ChangesAndWaiting(waiting=waiting, **dict(found))


def _waits(plan: Plan) -> bool:
    """Tell a plan that somebody can still agree to, or apply for us."""
    if plan.state is PlanState.OVER or plan.outcome is not None:
        return False
    return missing_approvals(plan.approvals) > 0 or is_ours(plan)


async def _one(door: Client, id_: str) -> ChangeNow | PlanNow:
    """Return what has this id. Raises `ClientError`."""
    try:
        return await door.change(id_)
    except Unknown:
        return await door.plan_of(id_)
