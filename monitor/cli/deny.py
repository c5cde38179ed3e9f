"""`deny`: a person's word against a plan."""

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
    try:
        asked = Denial(reason=reason)
    except ValidationError as error:
        raise bad_words("deny this plan", error) from None
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.deny(id_, asked.reason),
        missing=missing_plan(id_),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_word(told)
