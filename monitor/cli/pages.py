"""`pages`: who was woken, or would have been, and why."""

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
from monitor.cli.print_pages import print_pages
from monitor.client import DEFAULT_URL

_MOST = 1000
"""Pages that the daemon gives at a time."""


def pages(
    since: Annotated[
        str, typer.Option(help="How far back, e.g. 12h, 7d or 30d.")
    ] = "7d",
    target: Annotated[
        str | None, typer.Option(help="Only those about this target.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Pages at most.")
    ] = _MOST,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Show who was woken, or would have been, and why.

    A page that was withheld says why. Text has the newest last, next to the
    prompt; JSON is what the daemon says, newest first.
    """
    began = max(0.0, SystemClock().now() - length("--since", since))
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.pages(since=began, limit=limit, target=target),
        missing=missing_target(target) if target else None,
    )
    if output is Format.JSON:
        print_json(told)
        return
    print_pages(told)
    if told.next_before is not None:
        typer.echo(
            "there are more: --limit shows more of them, --since other days",
            err=True,
        )
