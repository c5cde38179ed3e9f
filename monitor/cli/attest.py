"""`attest`: a plan's steps were done by hand."""

from typing import Annotated

import typer
from pydantic import ValidationError

from monitor.cli.acting import PlanId, bad_words, missing_plan, plan_id
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.options import (
    AsFormat,
    CaFile,
    DaemonUrl,
    Format,
    TokenFile,
)
from monitor.cli.print_plan import print_word
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
    try:
        asked = Attestation(done=done)
    except ValidationError as error:
        raise bad_words("attest this plan", error) from None
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.attest(id_, asked.done),
        missing=missing_plan(id_),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_word(told)
