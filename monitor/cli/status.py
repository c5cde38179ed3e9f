"""`status`: what the running daemon knows now."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel

from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.check import code_of
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_status import print_target, print_targets
from monitor.client import DEFAULT_URL

Document = TypeVar("Document", bound=BaseModel)


def status(
    target: Annotated[
        str | None,
        typer.Argument(help="Only this one, with every check."),
    ] = None,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Show what the running daemon knows: health, since when, and why.

    Exits like `check`, for the worst server; 3 when no daemon answers.
    """
    if target is None:
        fleet = ask(url, token_file, ca_file, lambda door: door.targets())
        _show(fleet, print_targets, output)
        return code_of([one.health for one in fleet.targets])
    one = ask(url, token_file, ca_file, lambda door: door.target(target))
    _show(one, print_target, output)
    return code_of([one.health])


def _show(
    document: Document, show: Callable[[Document], None], output: Format
) -> None:
    if output is Format.JSON:
        print_json(document)
    else:
        show(document)
