"""`host`: what the monitor may do on a GPU machine."""

import re
from typing import Annotated

import typer

from monitor.cli.host_check import check
from monitor.cli.host_install import install
from monitor.cli.load import settings
from monitor.cli.options import ConfigFile
from monitor.daemon.host_keys import accept_key
from monitor.domain.quote import quote

app = typer.Typer(
    help="What the monitor may do on a GPU machine.", no_args_is_help=True
)
app.command()(check)
app.command()(install)

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@app.command("accept-key")
def accept(
    host: Annotated[str, typer.Argument(help="A configured host.")],
    fingerprint: Annotated[
        str,
        typer.Option(
            help="The key's fingerprint, read on the machine itself with"
            " `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`.",
        ),
    ],
    jump: Annotated[
        bool, typer.Option("--jump", help="The key of its jump host.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Record a host key on purpose, in the host's known_hosts file.

    Only the key with this fingerprint is recorded, and none in place of
    another.
    """
    given = fingerprint.strip().rstrip("=")
    if not _FINGERPRINT.fullmatch(given):
        raise typer.BadParameter(
            f'"{quote(fingerprint)}" is no fingerprint of the form'
            " SHA256:… that ssh-keygen -lf prints",
            param_hint="--fingerprint",
        )
    done, key, machine = accept_key(settings(config), host, given, jump=jump)
    typer.echo(
        f"{key.kind} {key.fingerprint} of {machine.place} is {done.value}"
        f" in {machine.known_hosts_file}"
    )
