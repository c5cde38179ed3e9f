"""Prints the rungs of a recover, and what people have to do for them."""

from collections.abc import Iterator, Sequence

import typer

from monitor.cli.print_change import LONGEST
from monitor.cli.print_plan import missing_approvals, others
from monitor.domain.quote import quote
from monitor.domain.recovery.words import State
from monitor.schemas.change import Rung


class RungTeller:
    """Prints each rung when it is new, and whenever it went on.

    `options` are those with which another command finds this daemon.
    """

    def __init__(self, options: str = "") -> None:
        self._options = options
        self._told: dict[str, tuple[str, ...]] = {}

    def tell(self, rungs: Sequence[Rung]) -> None:
        """Print what is new of them. Raises `BrokenPipeError`."""
        for rung in rungs:
            lines = tuple(rung_lines(rung, self._options))
            if self._told.get(rung.plan) != lines:
                self._told[rung.plan] = lines
                typer.echo("\n".join(lines))


def rung_lines(rung: Rung, options: str) -> Iterator[str]:
    """Yield where a rung is, and the commands that it waits for."""
    said = quote(rung.because, LONGEST)
    yield f"  rung {rung.action.value}: {_where(rung)}, {said}"
    if rung.outcome is not None:
        return
    plan = quote(rung.plan)
    if rung.state is None:
        confirm = f" --confirm {quote(rung.confirm)}" if rung.confirm else ""
        yield "    to go on, apply it:"
        yield f"    facefusion-monitor apply {plan}{confirm}{options}"
    missing = missing_approvals(rung.approvals)
    if rung.state in {None, State.WAITING} and missing:
        yield f"    {others(missing)} must agree:"
        yield f"    facefusion-monitor approve {plan}{options}"


def _where(rung: Rung) -> str:
    if rung.outcome is not None:
        return rung.outcome.value
    return rung.state.value if rung.state else "planned"
