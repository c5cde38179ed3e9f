"""`approve`: another person's word for a plan."""

from monitor.cli.acting import PlanId, again, missing_plan, plan_id
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


def approve(
    plan: PlanId,
    url: DaemonUrl = DEFAULT_URL,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    output: AsFormat = Format.TEXT,
) -> None:
    """Agree to a plan that another person, or automation, asked for.

    It holds for exactly what the plan says, and as long as the plan. Exits
    1 when refused, such as for a plan of your own; 3 when no daemon answers.
    """
    id_ = plan_id(plan)
    told = ask(
        url,
        token_file,
        ca_file,
        lambda door: door.approve(id_),
        missing=missing_plan(id_),
    )
    if output is Format.JSON:
        print_json(told)
    else:
        print_word(told, again(url, token_file))
