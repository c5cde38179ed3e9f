"""`cancel`: stop a change, as long as nothing was sent."""

from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.acting import (
    again,
    change_id,
    missing_change,
    no_change,
)
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_change import print_cancelled
from monitor.client import DEFAULT_URL, Client, Unknown
from monitor.domain.recovery.words import Outcome
from monitor.schemas.change import ChangeNow


def cancel(
    change: Annotated[
        str, typer.Argument(metavar="CHANGE", help="As `changes` shows it.")
    ],
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Stop a change on which nothing has been sent to the machine yet.

    Exits 0 when it is cancelled: nothing was done; 1 when it was too late:
    it goes on to its own outcome, or had ended before; 3 when no daemon
    answers.
    """
    id_ = change_id(change)
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: _cancelled(door, id_),
        missing=missing_change(id_),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_cancelled(told, again(url, token_file))
    is_cancelled = told.outcome is Outcome.CANCELLED
    return exit_codes.OK if is_cancelled else exit_codes.FAILED


async def _cancelled(door: Client, id_: str) -> ChangeNow:
    """Return what became of the wish. Raises `ClientError`."""
    try:
        return await door.cancel(id_)
    except Unknown:
        plan = await door.plan_of(id_)
    raise no_change(plan)
