"""`attest`: a plan's steps were done by hand."""

from typing import Annotated

import typer

from monitor.cli.acting import PlanId, plan_id
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.wording import Daemon, say, words
from monitor.client import DEFAULT_URL
from monitor.schemas.recovery import Attestation


def attest(
    plan: PlanId,
    done: Annotated[
        str, typer.Option(help="What was done, and what came of it.")
    ],
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Record in the audit that a plan's steps were done by hand.

    It ends the plan; the monitor does nothing. For where nobody can approve,
    or the monitor has no hand on the machine. Exits 1 when refused; 3 when
    no daemon answers.
    """
    id_ = plan_id(plan)
    asked = words(Attestation, "attest this plan", done=done)
    say(
        Daemon(url, token_file, ca_file),
        id_,
        lambda door: door.attest(id_, asked.done),
        output,
    )
