"""Prints the plans that wait until somebody agrees to them."""

from collections.abc import Sequence

from monitor.cli.print_plan import missing_approvals, others, say
from monitor.cli.words import plain, span
from monitor.schemas.recovery import Plan


def print_waiting(plans: Sequence[Plan], options: str) -> None:
    """Print them with the commands for and against; nothing for none.

    `options` are those with which another command finds this daemon.
    """
    for plan in plans:
        missing = others(missing_approvals(plan.approvals))
        say(
            f"[yellow]waits for approval[/]: {plan.action.value}"
            f" {plain(plan.target)} on {plain(plan.host)}, by"
            f" {plain(plan.asked_by)}: {plain(plan.reason)}"
        )
        say(
            f"  {missing} must agree within {span(plan.remaining_seconds)}."
            " What it would do, and to agree:"
        )
        for command in ("changes", "approve"):
            id_ = plain(plan.id)
            say(f"  facefusion-monitor {command} {id_}{options}")
