"""10,000 checks at 10-30 s, and a loop that is held for 3 s.

Run it: `.venv/bin/python tests/bench/bench_schedule.py` (3 minutes). Our
scheduler beside APScheduler with its defaults, in the same run, a fresh
event loop a round. Runs do nothing: what is measured is the plan (DESIGN
§6: lag p99 at most 10 ms; after the hold none missed, the backlog gone
in 1 s).
"""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from apscheduler.events import (
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.adapters.clock import SystemClock
from monitor.adapters.loop import loop_factory
from monitor.adapters.scheduler import ApScheduler
from monitor.domain.cadence import phase
from monitor.ports import Due
from tests.bench.rounds import at_most, percentile, table

ROUNDS = 5
CHECKS = 10_000
QUIET, HELD, AFTER = 6.0, 3.0, 4.0
PEER = "APScheduler's defaults"
OURS = "ours"
CLOCK = SystemClock()


def interval_of(check: int) -> float:
    return 10 + 20 * (check % 1000) / 1000


@dataclass
class Round:
    """What one scheduler did: lags in seconds, and what was lost."""

    runs: list[tuple[float, float]] = field(default_factory=list)
    """When each was due and when it began, in Unix time."""
    missed: int = 0
    cpu: float = 0.0
    hold_began: float = 0.0
    hold_ended: float = 0.0

    def ran(self, due: float, missed: int = 0) -> None:
        self.runs.append((due, CLOCK.now()))
        self.missed += missed

    @property
    def lag_p99(self) -> float:
        quiet = [b - d for d, b in self.runs if b < self.hold_began]
        return percentile(quiet, 0.99) * 1e3

    @property
    def backlog(self) -> float:
        """Seconds after the hold until all that was due then had begun."""
        late = [b for d, b in self.runs if d <= self.hold_ended]
        return max(0.0, max(late) - self.hold_ended)

    @property
    def lost(self) -> float:
        """Return the percentage of the runs due in the hold that were lost."""
        held = [d for d, _ in self.runs if d >= self.hold_began - 1]
        ran = sum(d <= self.hold_ended for d in held)
        return 100 * self.missed / max(1, ran + self.missed)


async def go_through(round_: Round) -> None:
    """Let time pass, hold the loop, and let it catch up."""
    begun = time.process_time()
    await asyncio.sleep(QUIET)
    round_.cpu = (time.process_time() - begun) / QUIET * 100
    round_.hold_began = CLOCK.now()
    time.sleep(HELD)  # noqa: ASYNC251 - the fault that is measured
    round_.hold_ended = CLOCK.now()
    await asyncio.sleep(AFTER)


async def ours() -> Round:
    round_, scheduler = Round(), ApScheduler(CLOCK)

    async def turn(due: Due) -> None:
        round_.ran(due.at, due.missed)

    scheduler.start()
    now = CLOCK.now() + 4
    for check in range(CHECKS):
        every = interval_of(check)
        first = now + phase(str(check), every)
        scheduler.every(str(check), interval=every, first=first, turn=turn)
    await asyncio.sleep(max(0.0, now - CLOCK.now()))
    await go_through(round_)
    scheduler.stop()
    await asyncio.sleep(0.1)
    return round_


async def peer() -> Round:
    round_, scheduler = Round(), AsyncIOScheduler(timezone=UTC)

    async def turn() -> None:
        pass

    def heard(event: JobExecutionEvent) -> None:
        if event.code == EVENT_JOB_MISSED:
            round_.missed += 1
        else:
            round_.ran(event.scheduled_run_time.timestamp())

    scheduler.add_listener(heard, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
    scheduler.start()
    now = CLOCK.now() + 4
    for check in range(CHECKS):
        every = interval_of(check)
        first = datetime.fromtimestamp(now + phase(str(check), every), UTC)
        scheduler.add_job(turn, "interval", seconds=every, next_run_time=first)
    await asyncio.sleep(max(0.0, now - CLOCK.now()))
    await go_through(round_)
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0.1)
    return round_


def run(contender: Callable[[], Awaitable[Round]]) -> Round:
    async def contend() -> Round:
        return await contender()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(contend())


FIGURES: tuple[tuple[str, str, Callable[[Round], float]], ...] = (
    ("lag p99 while quiet", "ms", lambda r: r.lag_p99),
    ("CPU of the plan, of a core", "%", lambda r: r.cpu),
    ("lost of the runs due in the hold", "%", lambda r: r.lost),
    ("backlog gone after the hold in", "s", lambda r: r.backlog),
)


def main() -> None:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    rounds: dict[str, list[Round]] = {PEER: [], OURS: []}
    for _ in range(ROUNDS):
        rounds[PEER].append(run(peer))
        rounds[OURS].append(run(ours))
    for title, unit, figure in FIGURES:
        reached = {n: [figure(r) for r in all_] for n, all_ in rounds.items()}
        whole = f"{CHECKS} checks at 10-30 s, {ROUNDS} rounds: {title}"
        table(whole, reached, peer=PEER, unit=unit)
    mine = rounds[OURS]
    at_most("\nlag p99", median(r.lag_p99 for r in mine), 10, "ms")
    at_most("missed after the hold", max(r.missed for r in mine), 0, "runs")
    at_most("backlog gone in", median(r.backlog for r in mine), 1, "s")


if __name__ == "__main__":
    main()
