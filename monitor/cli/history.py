"""`history`: what happened to a server, as the daemon remembers it."""

from typing import Annotated

import typer

from monitor.adapters.clock import SystemClock
from monitor.cli.ask_daemon import ask, missing_target, print_json
from monitor.cli.lengths import length
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_history import print_history
from monitor.client import DEFAULT_URL

_MOST = 1000
"""Lines that the daemon gives at a time."""


def history(
    target: Annotated[str, typer.Argument(help="The target.")],
    since: Annotated[
        str, typer.Option(help="How far back, e.g. 30m, 12h or 7d.")
    ] = "7d",
    limit: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Lines at most.")
    ] = 100,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Show what a server's diagnosis was, and what its checks saw.

    Text has the newest line last, next to the prompt; JSON is what the
    daemon says, newest first.
    """
    began = max(0.0, SystemClock().now() - length("--since", since))
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.history(target, since=began, limit=limit),
        missing=missing_target(target),
    )
    if output is Format.JSON:
        print_json(told)
        return
    print_history(told)
    if told.next_before is not None:
        typer.echo(
            "there is more: --limit shows more lines, --since other days",
            err=True,
        )
