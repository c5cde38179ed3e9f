"""`deny`: a person's word against a plan."""

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
from monitor.schemas.recovery import Denial


def deny(
    plan: PlanId,
    reason: Annotated[str, typer.Option(help="Why not, for the audit.")],
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Forbid a plan: it cannot be applied any more.

    Exits 1 when refused, such as for a plan that is being carried out; 3
    when no daemon answers.
    """
    id_ = plan_id(plan)
    asked = words(Denial, "deny this plan", reason=reason)
    say(
        Daemon(url, token_file, ca_file),
        id_,
        lambda door: door.deny(id_, asked.reason),
        output,
    )
