"""`host install`: put the gate on a machine, every file shown first."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import Plan
from monitor.cli import exit_codes
from monitor.cli.load import settings
from monitor.cli.options import ConfigFile
from monitor.daemon.host_keys import host_of
from monitor.daemon.install import install as put_there
from monitor.daemon.install import plan_for
from monitor.domain.errors import MonitorError
from monitor.domain.quote import quote
from monitor.ports import GateAnswer


class NotConfirmed(MonitorError):
    """Nobody said yes."""


_Host = Annotated[str, typer.Argument(help="A configured host.")]
_User = Annotated[
    str,
    typer.Option(help="Who may install there: root, or one who may sudo."),
]
_KeyFile = Annotated[
    Path | None,
    typer.Option(help="That user's private key; not the monitor's own."),
]
_Yes = Annotated[bool, typer.Option("--yes", help="Install without asking.")]
_Show = Annotated[
    bool, typer.Option("--show", help="Only show what would be installed.")
]
_AsScript = Annotated[
    bool,
    typer.Option(
        "--script",
        help="Only print the script that does it: `… --script | ssh"
        " root@gpu1 sh`, where the key needs a passphrase or an agent.",
    ),
]


def install(
    host: _Host,
    user: _User = "root",
    key_file: _KeyFile = None,
    yes: _Yes = False,
    show: _Show = False,
    as_script: _AsScript = False,
    config: ConfigFile = None,
) -> int:
    """Install the gate on a host, and bind the monitor's keys to it.

    The key of ssh.key_file then observes only. With ssh.act_key_file also
    what that key needs to act there, and that of ssh.reboot_key_file to
    reboot it; without one, what an earlier one needed is taken out. Shows
    every file before anything is sent.
    """
    loaded = settings(config)
    machine = host_of(loaded, host)
    plan = plan_for(loaded, machine)
    if as_script:
        typer.echo(script(plan), nl=False)
        return exit_codes.OK
    _show(host, plan)
    if show:
        return exit_codes.OK
    admin = _admin_key(user, key_file)
    if not yes:
        _confirm(host, user)
    answer = asyncio.run(put_there(machine, plan, user=user, key_file=admin))
    _print_installed(host, plan, answer)
    return exit_codes.OK


def _admin_key(user: str, key_file: Path | None) -> Path:
    if key_file is None:
        raise typer.BadParameter(
            f"name a key that may log in as {user}, or use --show or --script",
            param_hint="--key-file",
        )
    return key_file


def _print_installed(host: str, plan: Plan, answer: GateAnswer) -> None:
    typer.echo(
        f"{host}: gate {quote(answer.version)} is installed and answers,"
        f" Python {quote(answer.python)}"
    )
    if plan.acting:
        named = ", ".join(one.name for one in plan.acting.services)
        typer.echo(
            f"{host}: its act key may act on {named or 'nothing yet'};"
            f" see `facefusion-monitor host check {host}`"
        )


def _show(host: str, plan: Plan) -> None:
    """Print every file, then what is done: the last is read the most."""
    for file in plan.files:
        typer.echo(f"--- {file.path}")
        typer.echo(file.content.decode(), nl=False)
    typer.echo(f"--- To be done on {host}:")
    for file in plan.files:
        note = f"; {file.note}" if file.note else ""
        typer.echo(
            f"- {file.path}: {file.owner}'s, {file.mode},"
            f" {len(file.content)} bytes, SHA-256 {file.digest}{note}"
        )
    for step in plan.steps:
        typer.echo(f"- {step}")


def _confirm(host: str, user: str) -> None:
    if not sys.stdin.isatty():
        raise NotConfirmed(
            f"cannot install on {host} unasked: nobody is at the terminal;"
            " say --yes, or --show to see only what it would be"
        )
    if not typer.confirm(f"Install this on {host} as {user}?"):
        raise NotConfirmed(f"cannot install on {host}: you said no")
