"""`audit`: whether nobody has rewritten what was done."""

import re
from typing import Annotated

import typer

from monitor.cli import exit_codes
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_audit import print_verification
from monitor.client import DEFAULT_URL, Client
from monitor.domain.quote import quote
from monitor.schemas.audit import AuditHead, AuditVerification

app = typer.Typer(
    help="Who asked for what, in a chain that shows when it is rewritten.",
    no_args_is_help=True,
)
FLAWED = 2
"""The exit code for an audit that cannot be trusted."""
_NOTED = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            metavar="SEQUENCE:HASH",
            help="An entry as the log told of it (`audit sequence=… hash=…`):"
            " an audit that was cut off or written anew does not have it.",
        ),
    ] = None,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Compute the audit's chain anew, from its first entry to its head.

    Exits 0 when it is whole; 2 when it has flaws, which are listed; 3 when
    no daemon answers.
    """
    noted = None if head is None else _noted(head)

    async def errand(door: Client) -> AuditVerification:
        told = await door.audit_verification()
        return told if noted is None else await _compared(door, told, noted)

    told = ask(url, token_file, ca_file, errand)
    if output is Format.JSON:
        print_json(told)
    else:
        print_verification(told)
    return exit_codes.OK if told.ok else FLAWED


async def _compared(
    door: Client, told: AuditVerification, noted: AuditHead
) -> AuditVerification:
    """Return what was told, with a flaw where it lacks what was noted."""
    part = await door.audit(after=noted.sequence - 1, limit=1)
    found = [AuditHead(sequence=e.sequence, hash=e.hash) for e in part.entries]
    if found == [noted]:
        return told
    flaw = (
        f"cannot find entry {noted.sequence} as it was told before: the audit"
        " was cut or rewritten"
    )
    return told.model_copy(update={"ok": False, "flaws": (*told.flaws, flaw)})


def _noted(text: str) -> AuditHead:
    matched = _NOTED.fullmatch(text)
    if matched is None:
        raise typer.BadParameter(
            f"cannot use --head: {quote(repr(text))} is not SEQUENCE:HASH;"
            " write 42: and the 64 digits of its hash, for example"
        )
    return AuditHead(sequence=int(matched[1]), hash=matched[2])
