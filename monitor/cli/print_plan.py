"""Prints a plan: what would be done, and whether it may."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.words import moment, plain, span
from monitor.domain.recovery.words import Action, Word
from monitor.schemas.recovery import (
    Approvals,
    GateSaid,
    Plan,
    PlanState,
    Process,
)

_COLOURS = {
    Word.ALLOWED: "green",
    Word.WAITING: "yellow",
    Word.SKIPPED: "magenta",
    Word.REFUSED: "red",
}

_OTHERWISE = {
    Action.REBOOT: "all that run on the machine",
    Action.RECOVER: "those that each rung's own plan names",
}


def print_plan(plan: Plan, again: str = "") -> None:
    """Print all of a plan, and last the commands that come next.

    `again` are the options with which these commands find this daemon.
    """
    say(f"[bold]plan {plain(plan.id)}[/]: {_what(plan)}")
    say(f"  asked for by {plain(plan.asked_by)}: {plain(plan.reason)}")
    say(f"  answers the diagnosis {plain(plan.cause or 'none')}")
    if plan.parent:
        say(f"  a rung of the recover {plain(plan.parent)}")
    if plan.break_glass:
        glass = plan.break_glass
        say(
            f"  [magenta]skips the gate {plain(glass.gate)}[/]:"
            f" {plain(glass.reason)}"
        )
    print_steps(plan.steps)
    otherwise = _OTHERWISE.get(plan.action)
    named = () if otherwise else map(_process, plan.processes)
    _listed("processes that it ends", named, otherwise or "none")
    _listed("users' work that would be lost", map(plain, plan.in_flight))
    _listed("GPUs whose memory it frees", map(plain, plan.cards))
    _listed("what else it touches on the machine", map(plain, plan.bystanders))
    _listed("to know", map(plain, plan.notes))
    print_gates(plan.gates)
    print_by_hand(plan.by_hand)
    say(f"digest {plain(plan.digest)}")
    say(_holds(plan))
    for line in _next(plan, again):
        say(line)


def print_steps(steps: Sequence[str]) -> None:
    """Print what would be done, in order."""
    numbered = (f"{n}. {plain(step)}" for n, step in enumerate(steps, 1))
    _listed("steps", numbered, "none")


def print_by_hand(steps: Sequence[str]) -> None:
    """Print what people can do where nobody else can approve it."""
    numbered = (f"{n}. {plain(step)}" for n, step in enumerate(steps, 1))
    _listed("by hand, since nobody else can approve it", numbered)


def print_gates(gates: Sequence[GateSaid]) -> None:
    """Print what every gate says, and why."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("GATE", "SAYS", "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for gate in gates:
        word = f"[{_COLOURS[gate.word]}]{gate.word.value}[/]"
        table.add_row(plain(gate.gate), word, plain(gate.because))
    console().print(table)


def print_word(plan: Plan, again: str = "") -> None:
    """Print where a plan is after somebody's word."""
    say(f"plan {plain(plan.id)} ({_what(plan)}): {_where(plan)}")
    for line in _next(plan, again):
        say(line)


def missing_approvals(approvals: Approvals) -> int:
    """Return how many other people must still agree."""
    return max(0, approvals.needed - len(approvals.given))


def others(count: int) -> str:
    """Return so many other people in words."""
    return "another person" if count == 1 else f"{count} others"


def _what(plan: Plan) -> str:
    return f"{plan.action.value} {plain(plan.target)} on {plain(plan.host)}"


def _where(plan: Plan) -> str:
    if plan.outcome is not None:
        return f"{plan.outcome.value}, {plain(plan.because)}"
    given = ", ".join(plain(one.who) for one in plan.approvals.given)
    counted = f"{len(plan.approvals.given)} of {plan.approvals.needed}"
    by = f" ({given})" if given else ""
    return f"{plan.state.value}, {counted} approvals{by}"


def _process(one: Process) -> str:
    program = plain(one.program) or "a program that cannot be seen"
    serves = ", serves" if one.is_server else ""
    return (
        f"pid {one.pid}, user {one.user_id}, started at tick"
        f" {one.start_ticks}{serves}: {program}"
    )


def _holds(plan: Plan) -> str:
    if plan.state is PlanState.OVER:
        return f"it is over: {plain(plan.because)}"
    return (
        f"holds until {moment(plan.expires_at)} UTC"
        f" ({span(plan.remaining_seconds)} left)"
    )


def _next(plan: Plan, again: str) -> Iterator[str]:
    """Yield the commands that come next, ready to be copied."""
    id_ = plain(plan.id)
    missing = missing_approvals(plan.approvals)
    if plan.state is PlanState.OVER:
        return
    if missing > 0:
        yield f"{others(missing)} must agree:"
        yield f"  facefusion-monitor approve {id_}{again}"
    if plan.state is PlanState.APPLIED:
        yield "it was applied; follow its change:"
        yield f"  facefusion-monitor changes {plain(plan.change or '')}{again}"
        return
    confirm = f" --confirm {plain(plan.confirm)}" if plan.confirm else ""
    waits = ", which then waits for that" if missing > 0 else ""
    yield f"to do it{waits}:"
    yield f"  facefusion-monitor apply {id_}{confirm}{again}"
    if plan.by_hand:
        yield "when it was done by hand instead:"
        yield f'  facefusion-monitor attest {id_} --done "…"{again}'


def _listed(title: str, lines: Iterable[str], none: str = "") -> None:
    """Print lines under a title, or what is said where there are none."""
    shown = tuple(lines) or ((none,) if none else ())
    if shown:
        say(f"[bold]{title}[/]")
    for line in shown:
        say(f"  {line}")


def say(line: str) -> None:
    """Print a line that is not folded, so that it can be copied."""
    console().print(line, highlight=False, soft_wrap=True)
