"""Prints the plans that wait until somebody agrees to them."""

from collections.abc import Sequence

from monitor.cli.print_plan import missing_approvals, others, say
from monitor.cli.words import plain, span
from monitor.domain.recovery.words import Trigger
from monitor.schemas.recovery import Plan, PlanState


def is_ours(plan: Plan) -> bool:
    """Return whether automation made it, and nobody has applied it yet."""
    is_open = plan.state is PlanState.OPEN and plan.change is None
    return is_open and plan.trigger is Trigger.AUTOMATION


def print_waiting(plans: Sequence[Plan], options: str) -> None:
    """Print them with the commands for and against; nothing for none.

    `options` are those with which another command finds this daemon.
    """
    for plan in plans:
        missing = missing_approvals(plan.approvals)
        what = "approval" if missing else "a person"
        say(
            f"[yellow]waits for {what}[/]: {plan.action.value}"
            f" {plain(plan.target)} on {plain(plan.host)}, by"
            f" {plain(plan.asked_by)}: {plain(plan.reason)}"
        )
        who = f"{others(missing)} must agree" if missing else "apply it"
        verb = "agree" if missing else "do it"
        say(
            f"  {who} within {span(plan.remaining_seconds)}."
            f" What it would do, and to {verb}:"
        )
        for command in _commands(plan, missing):
            say(f"  facefusion-monitor {command}{options}")


def _commands(plan: Plan, missing: int) -> tuple[str, str]:
    id_ = plain(plan.id)
    if missing:
        return f"changes {id_}", f"approve {id_}"
    confirm = f" --confirm {plain(plan.confirm)}" if plan.confirm else ""
    return f"changes {id_}", f"apply {id_}{confirm}"
