"""`plan`: what an action would do, and whether it may; nothing is done."""

from typing import Annotated

import typer
from pydantic import ValidationError

from monitor.cli import exit_codes
from monitor.cli.acting import again, bad_words, target_name
from monitor.cli.ask_daemon import ask, missing_target, print_json
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    IdempotencyKey,
    TokenFile,
)
from monitor.cli.print_plan import print_plan
from monitor.cli.print_refused import told_refused
from monitor.client import DEFAULT_URL, PlanRefused
from monitor.domain.recovery.words import Action
from monitor.schemas.recovery import NewPlan


def plan(
    action: Annotated[Action, typer.Argument(help="What is to be done.")],
    target: Annotated[str, typer.Argument(help="The target.")],
    reason: Annotated[
        str, typer.Option(help="Why, for the audit and for who approves it.")
    ],
    break_glass: Annotated[
        str | None,
        typer.Option(
            metavar="GATE",
            help="Skip this one gate, for the reason given. It then takes"
            " another person's approval; identity, lock, audit and host key"
            " are never skipped.",
        ),
    ] = None,
    key: IdempotencyKey = "",
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Show what an action would do, step by step; change nothing.

    `recover` climbs the others, mildest first, each a plan of its own.
    Exits 0 when the plan may be applied, at once or after an approval; 1
    when a gate refuses it, which all gates then explain; 3 when no daemon
    answers.
    """
    asked = _asked(action, target_name(target), reason, break_glass)
    try:
        told = ask(
            url,
            token_file,
            ca_file,
            lambda door: door.plan(
                target,
                asked.action,
                asked.reason,
                break_glass=asked.break_glass,
                key=key,
            ),
            missing=missing_target(target),
        )
    except PlanRefused as refused:
        return told_refused(refused, output)
    if output is Format.JSON:
        print_json(told)
    else:
        print_plan(told, again(url, token_file))
    return exit_codes.OK


def _asked(
    action: Action, target: str, reason: str, break_glass: str | None
) -> NewPlan:
    """Return the request. Raises `BadParameter`."""
    glass = None
    if break_glass is not None:
        glass = {"gate": break_glass, "reason": reason}
    try:
        return NewPlan.model_validate(
            {"action": action, "reason": reason, "break_glass": glass}
        )
    except ValidationError as error:
        raise bad_words(f"plan for {target}", error) from None
