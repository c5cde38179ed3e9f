"""`changes`: what was done to servers, and what came of it."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.acting import change_id, missing_change, target_name
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
from monitor.client import DEFAULT_URL

_MOST = 1000
"""Changes that the daemon gives at a time."""


def changes(
    change: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Only this one, in full."),
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

    Text has the newest last, next to the prompt; JSON is what the daemon
    says, newest first. Exits 0; with --follow as `apply`; 3 when no daemon
    answers.
    """
    if change is None:
        if follow_it:
            raise typer.BadParameter(
                "cannot follow all changes: name one, as `changes` shows it"
            )
        return _all(url, token_file, ca_file, output, target, limit)
    id_, within = change_id(change), length("--wait", wait)
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.change(id_),
        missing=missing_change(id_),
    )
    if follow_it:
        return follow(url, token_file, ca_file, told, output, within)
    if output is Format.JSON:
        print_json(told)
    else:
        print_change(told)
    return exit_codes.OK


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
        lambda door: door.changes(limit=limit, target=wanted),
    )
    if output is Format.JSON:
        print_json(told)
        return exit_codes.OK
    print_changes(told.changes)
    if told.next_before is not None:
        typer.echo("there are more: --limit shows more of them", err=True)
    return exit_codes.OK
