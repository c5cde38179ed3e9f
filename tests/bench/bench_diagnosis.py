"""Faults: who sees them, who names them, how many pages, after how long?

Run it: `.venv/bin/python tests/bench/bench_diagnosis.py [FAULT…]`. Simulated
hosts, one a fault, are watched by our daemon and by Debian's
blackbox_exporter at the same rate; one real Prometheus scrapes both, with
our rules for pages and with the ordinary ones (a probe that fails for 1 min,
one that is slow for 5 min). All faults are switched on at once, after all
was well. What is healthy though it looks odd is in the list: there a page
is a false one. A run is one sample a fault, and takes about 10 min.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import blackbox
from tests.bench.fault_list import FAULTS, LEFT_OUT, WELL, missing
from tests.bench.fault_town import (
    CANARIES,
    EVERY,
    FAILED_FOR,
    SLOW,
    SLOW_FOR,
    TIMEOUT,
    Scene,
    town,
)
from tests.bench.fault_watch import OURS, THEIRS, Sight, Sights, watch
from tests.bench.rounds import at_least, at_most, not_run, say
from tests.servers import prometheus

WINDOW = 400.0
"""Seconds: the slowest ordinary rule needs 5 min and two intervals."""
WHAT = "fault, seen, named, pages, seconds"


def print_conditions() -> None:
    say(f"\n{WHAT}\n")
    say(
        f"status look, blackbox probe, Prometheus' scrape and evaluation:"
        f" every {EVERY} (timeout {TIMEOUT}); a failed look of ours is"
        f" confirmed after 2 s, GPU every 15 s, host every 30 s, two"
        f" canaries every {CANARIES}"
    )
    say(
        f"ordinary rules: critical at probe_success == 0 for: {FAILED_FOR},"
        f" a warning at probe_duration_seconds > {SLOW:g} for: {SLOW_FOR}."
        f" Ours: facefusion_page, no for:; one that was suspected and is"
        f" confirmed is a warning and then a critical alert. The ordinary"
        f" ones name nothing but the probe.\n"
    )


def print_matrix(sights: Sights) -> None:
    """Print a line a fault, in seconds after it."""
    head = f"{'seen':>6}{'warned':>7}{'woken':>6}{'pages':>6}"
    say(f"{'':20}{OURS:48}{THEIRS}")
    say(f"{'fault':20}{'named':23}{head}   {head}")
    for name, ours in sights[OURS].items():
        theirs, note = sights[THEIRS][name], FAULTS[name].note
        said = f"{_named(ours):23}{_cells(ours)}   {_cells(theirs)}"
        say(f"{name:20}{said}{note and '   (' + note + ')'}")


def print_verdicts(sights: Sights) -> None:
    """Print what the matrix comes to."""
    broken = [n for n in sights[OURS] if FAULTS[n].cause != WELL]
    healthy = [n for n in sights[OURS] if FAULTS[n].cause == WELL]
    say("")
    for who in (OURS, THEIRS):
        seen = sum(sights[who][n].seen is not None for n in broken)
        paged = sum(bool(sights[who][n].pages) for n in broken)
        say(f"{who}: {seen} of {len(broken)} seen, {paged} told of")
    named = [n for n in broken if _is_right(n, sights[OURS][n])]
    wrong = sorted(set(broken) - set(named))
    at_least("told of, by its name only", len(named), len(broken))
    if wrong:
        say(f"  not so: {', '.join(wrong)}")
    most = max(sight.woken() for sight in sights[OURS].values())
    at_most("times that anybody is woken for one fault", most, 1)
    false = sum(len(sights[OURS][n].pages) for n in healthy)
    at_most("pages for healthy servers", false, 0)
    _print_speed(
        (sights[OURS][n].told(), sights[THEIRS][n].told()) for n in broken
    )


def _print_speed(pairs: Iterable[tuple[float | None, float | None]]) -> None:
    both = [
        (ours, theirs)
        for ours, theirs in pairs
        if ours is not None and theirs is not None
    ]
    if not both:
        not_run(
            "seconds until anything is said", "no fault was told of by both"
        )
        return
    ours, theirs = (statistics.median(one) for one in zip(*both, strict=True))
    say(
        f"seconds until anything is said, median of the {len(both)} that"
        f" both tell of: {ours:.0f} s, {theirs:.0f} s,"
        f" ratio {ours / theirs:.2f}"
    )


def _cells(sight: Sight) -> str:
    warned, woken = sight.after(wakes=False), sight.after(wakes=True)
    return (
        f"{_seconds(sight.seen):>6}{_seconds(warned):>7}"
        f"{_seconds(woken):>6}{len(sight.pages):>6}"
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _named(sight: Sight) -> str:
    """Return what the pages said, else the diagnosis, in brackets."""
    diagnosis = sight.diagnosis and f"({sight.diagnosis})"
    return ", ".join(sight.causes()) or diagnosis or "-"


def _is_right(name: str, sight: Sight) -> bool:
    return sight.causes() == [FAULTS[name].cause]


async def measure(names: Sequence[str], window: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        async with town(Scene(names=names), Path(scratch)) as place:
            await place.settle()
            sights = await watch(place, window)
    print_conditions()
    print_matrix(sights)
    print_verdicts(sights)


def main() -> None:
    parser = argparse.ArgumentParser(description=WHAT)
    parser.add_argument("fault", nargs="*", choices=[[], *FAULTS])
    parser.add_argument("--window", type=float, default=WINDOW)
    asked = parser.parse_args()
    for program in (prometheus.path(), blackbox.path()):
        if program is None:
            not_run(WHAT, "prometheus or blackbox_exporter is not installed")
            return
    for fault, why in {**LEFT_OUT, **dict.fromkeys(missing(), "new")}.items():
        not_run(fault, why)
    asyncio.run(measure(asked.fault or list(FAULTS), asked.window))


if __name__ == "__main__":
    main()
