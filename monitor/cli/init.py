"""`init`: look at a server and write a commented configuration for it."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer

from monitor.adapters.ssh.settings import SshSettings
from monitor.cli.draft import draft, seen
from monitor.cli.draft_names import Names
from monitor.cli.new_file import refuse_existing, write_new
from monitor.config.finding import FILE
from monitor.config.values.address import is_host
from monitor.config.values.refusal import Refused
from monitor.config.values.url import parse_url
from monitor.daemon.look_around import Sights, look_around
from monitor.domain.errors import MonitorError

_SSH = re.compile(
    r"(?P<user>[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:@]+))"
    r"(?::(?P<port>\d{1,5}))?",
    re.ASCII,
)
_HIGHEST_PORT = 65535


class NothingWritten(MonitorError):
    """What was to be watched did not answer, or as nothing we know."""


_Url = Annotated[
    str,
    typer.Argument(
        help="The server, e.g. http://192.168.1.10:9002", metavar="URL"
    ),
]
_Ssh = Annotated[
    str | None,
    typer.Option(
        metavar="USER@HOST[:PORT]",
        help="The machine it is on: look at its GPUs too.",
    ),
]
_KeyFile = Annotated[Path, typer.Option(help="The private key for --ssh.")]
_KnownHosts = Annotated[
    Path,
    typer.Option(
        help="The host keys to believe. An unknown one is shown and never"
        " accepted."
    ),
]
_Output = Annotated[
    Path,
    typer.Option(
        help="The file to write, - for standard output. An existing one is"
        " never overwritten."
    ),
]
_Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Write it also when the server is not recognised, or it or its"
        " machine does not answer; what was not reached is switched off.",
    ),
]


def init(
    url: _Url,
    ssh: _Ssh = None,
    key_file: _KeyFile = Path("secrets/observe"),
    known_hosts_file: _KnownHosts = Path("known_hosts"),
    output: _Output = Path(FILE),
    force: _Force = False,
) -> None:
    """Look at a server and write a commented configuration for it.

    It asks for three pages and, with --ssh, runs nvidia-smi; nothing is
    changed there. Exits 1 and writes nothing when one does not answer or the
    server is not recognised.
    """
    server, machine = _url(url), _ssh(ssh, key_file, known_hosts_file, output)
    if not _prints(output):
        refuse_existing(output)
    sights = asyncio.run(look_around(server, machine))
    if not force:
        _refuse_silence(sights)
    address = machine.address if machine else None
    text = draft(sights, Names.of(server, address))
    if _prints(output):
        typer.echo(text, nl=False)
        return
    write_new(output, text)
    for line in seen(sights):
        typer.echo(line)
    typer.echo(f"wrote {output}: read it, then run `{_check(output)}`")


def _prints(output: Path) -> bool:
    return str(output) == "-"


def _check(output: Path) -> str:
    command = "facefusion-monitor config check"
    return command if str(output) == FILE else f"{command} --config {output}"


def _url(text: str) -> str:
    try:
        return str(parse_url(text))
    except Refused as refused:
        flaw = refused.refusals[0]
        raise typer.BadParameter(
            f"cannot use this URL: {flaw.what}; {flaw.hint}"
        ) from None


def _ssh(
    text: str | None, key: Path, known: Path, output: Path
) -> SshSettings | None:
    if text is None:
        return None
    found = _SSH.fullmatch(text)
    address = (found["v6"] or found["host"]) if found else ""
    port = int(found["port"] or 22) if found else 0
    if not found or not is_host(address) or not 0 < port <= _HIGHEST_PORT:
        raise typer.BadParameter(
            "cannot use --ssh: write USER@HOST or USER@HOST:PORT, for"
            " example ffmon@192.168.1.10"
        )
    return SshSettings(
        address=address,
        port=port,
        user=found["user"],
        key_file=_from(output, key),
        known_hosts_file=_from(output, known),
    )


def _from(output: Path, file: Path) -> Path:
    """Return a path that the file to be written can hold.

    Its paths start where it lies; ours start here.
    """
    here = not _prints(output) and output.parent.resolve() == Path.cwd()
    return file if here else Path.cwd() / file


def _refuse_silence(sights: Sights) -> None:
    server, flaws = sights.server, []
    if not server.answered:
        flaws.append(server.because)
    elif not server.recognised.dialect:
        flaws.append(
            f"cannot recognise {server.url}: {server.recognised.because}"
        )
    if sights.machine and not sights.machine.reached:
        flaws.append(sights.machine.because)
    if flaws:
        flaws.append(
            "cannot describe what does not answer as it should: nothing was"
            " written; mend it, or write the file all the same with --force"
        )
        raise NothingWritten("\n".join(flaws))
