"""`drill`: rehearse an incident; everything is real but the effects."""

from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.acting import target_name
from monitor.cli.ask_daemon import ask, missing_target, print_json
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_drill import print_drill
from monitor.client import DEFAULT_URL


def drill(
    target: Annotated[str, typer.Argument(help="The target.")],
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Rehearse a recover on a target: what each rung would do now.

    The keys, the lock, a look and a canary are really tried; nothing is
    ended or sent. Exits 0 when every rung that applies could go; 1 when one
    could not, or something that was tried did not work; 3 when no daemon
    answers.
    """
    name = target_name(target)
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.drill(name),
        missing=missing_target(name),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_drill(told)
    return exit_codes.OK if told.ready else exit_codes.FAILED
