"""`status`: what the running daemon knows now."""

from typing import Annotated

import typer

from monitor.cli import machines
from monitor.cli.ask_daemon import ask, missing_target, print_json
from monitor.cli.check import code_of
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_status import (
    print_machines,
    print_target,
    print_targets,
)
from monitor.client import DEFAULT_URL


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

    JSON has servers only. Exits like `check`, for the worst server or
    machine whatever the format; 3 when no daemon answers.
    """
    if target is None:
        fleet = ask(url, token_file, ca_file, machines.fleet)
        if output is Format.JSON:
            print_json(fleet.targets)
        else:
            print_targets(fleet.targets)
            print_machines(fleet.hosts)
        servers = [one.health for one in fleet.targets.targets]
        return code_of([*servers, *fleet.weights])
    one, machine = ask(
        url,
        token_file,
        ca_file,
        lambda door: machines.server(door, target),
        missing=missing_target(target),
    )
    if output is Format.JSON:
        print_json(one)
    else:
        print_target(one, machine)
    checks = machine.checks if machine else ()
    return code_of([one.health, *map(machines.weight, checks)])
