"""What every bench shares: interleaved rounds, a table, OK or NOT MET.

A noisy neighbour meets all contenders alike when they take turns, so read
the ratios, not the figures. A bench never fails for a slow machine.
"""

import math
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

LEAST_ROUNDS = 5

Contender = Callable[[], Awaitable[float]]
"""Does one round of work and returns its figure."""
Figures = Mapping[str, Sequence[float]]
"""What each contender reached, a figure a round."""


async def interleave(
    contenders: Mapping[str, Contender], *, rounds: int = LEAST_ROUNDS
) -> dict[str, list[float]]:
    """Let all contenders take turns; a first round of each warms up."""
    assert rounds >= LEAST_ROUNDS
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for lap in range(rounds + 1):
        for name, contender in contenders.items():
            figure = await contender()
            if lap:
                figures[name].append(figure)
    return figures


def cpu_of(
    work: Callable[[], Awaitable[object]], *, times: int, unit: float = 1e-6
) -> Contender:
    """Return a contender: this process' CPU for one run, in `unit` s."""

    async def contend() -> float:
        begun = time.process_time()
        for _ in range(times):
            await work()
        return (time.process_time() - begun) / times / unit

    return contend


def ratio(figures: Figures, name: str, *, peer: str) -> float:
    """Return the median over the rounds of a figure beside its peer's."""
    pairs = zip(figures[name], figures[peer], strict=True)
    return statistics.median(
        mine / theirs if theirs else math.nan for mine, theirs in pairs
    )


def table(title: str, figures: Figures, *, peer: str, unit: str) -> None:
    """Print what everybody reached, beside the peer."""
    say(f"\n{title}")
    head = f"{'':34}{'median':>12}{'least':>12}{'most':>12}{'ratio':>9}"
    say(head)
    for name, reached in figures.items():
        columns = (statistics.median(reached), min(reached), max(reached))
        shown = "".join(f"{_shown(c)} {unit}".rjust(12) for c in columns)
        beside = ratio(figures, name, peer=peer)
        say(f"{name:34}{shown}{beside:9.3f}")


def at_most(what: str, value: float, limit: float, unit: str = "") -> None:
    """Print whether a figure is small enough (DESIGN §6)."""
    _verdict(what, value, f"at most {_shown(limit)}", unit, ok=value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "") -> None:
    """Print whether a figure is large enough (DESIGN §6)."""
    _verdict(what, value, f"at least {_shown(limit)}", unit, ok=value >= limit)


def not_run(what: str, because: str) -> None:
    """Print that something was not measured, and why."""
    say(f"{what}: not run: {because}")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie; 0 for none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def say(line: str) -> None:
    """Print a line at once: benches are watched, and piped."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _verdict(
    what: str, value: float, wanted: str, unit: str, *, ok: bool
) -> None:
    unit = f" {unit}" if unit else ""
    verdict = "OK" if ok else "NOT MET"
    say(f"{what}: {_shown(value)}{unit} (to reach: {wanted}{unit})  {verdict}")


def _shown(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
