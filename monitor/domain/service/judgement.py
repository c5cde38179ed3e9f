"""What one look at a service suggests, in the words of DESIGN §4.6."""

from collections.abc import Iterator
from itertools import pairwise

from monitor.domain.health import Health
from monitor.domain.machine.finding import Finding, Verdict, add_up
from monitor.domain.machine.words import gap_notes, length, size
from monitor.domain.service.asked import Asked
from monitor.domain.service.endings import was_meant
from monitor.domain.service.listening import listening
from monitor.domain.service.memory import LOOP_WITHIN, ServiceMemory
from monitor.domain.service.reading import Process, ServiceReading, Unit
from monitor.domain.service.running import not_running

LOOP_STARTS = 3
"""Starts within 10 minutes that are a loop (DESIGN §4.6)."""
SETTLED_AFTER = 120.0
"""Seconds that a service must run again before it may be over."""
OVER_AFTER = 2
"""How many times as long as between its starts it must run until it is."""
WAITS = 3
"""Looks in a row in state D: a read from a slow disk is in it for one."""


def judge(
    reading: ServiceReading, asked: Asked, memory: ServiceMemory
) -> Verdict:
    """Return the verdict; `memory` holds this look already.

    Reasons, deepest first: unit_missing, unseen (unknown); stopped,
    crash_loop (unhealthy, degraded once it has run for a while, over once
    it has run for twice as long as between its starts); starting
    (degraded); process_down, zombie, suspended (unhealthy); uninterruptible
    (degraded); port_taken, port_drift, bound_to_loopback, not_listening
    (unhealthy).
    """
    return add_up(
        tuple(_findings(reading, asked, memory)),
        well=_well(reading, asked),
        notes=gap_notes(reading.gaps),
    )


def _findings(
    reading: ServiceReading, asked: Asked, memory: ServiceMemory
) -> Iterator[Finding]:
    unit = reading.unit
    if unit is not None and not unit.exists:
        yield _unit_missing(unit)
        return
    if unit is not None and (how := was_meant(unit, memory)):
        because = f"somebody stopped {asked.words}: {how}"
        yield _unhealthy("stopped", because)
        return
    down = not_running(reading, asked)
    yield from _crash_loop(unit, asked, memory, runs=down is None)
    if down is not None:
        yield down
        return
    yield from _state(reading.server, asked, memory)
    if (deaf := listening(reading, asked)) is not None:
        yield deaf


def _unit_missing(unit: Unit) -> Finding:
    kind = "container" if unit.manager == "docker" else "unit"
    return Finding(
        health=Health.UNKNOWN,
        because=f"{unit.manager} knows no {kind} {unit.name}: set the "
        "target's service.unit to what runs FaceFusion there",
        reason="unit_missing",
    )


def _crash_loop(
    unit: Unit | None, asked: Asked, memory: ServiceMemory, *, runs: bool
) -> Iterator[Finding]:
    if unit is not None and unit.result == "start-limit-hit":
        because = f"{asked.words} hit its start limit: systemd gave up"
        yield _unhealthy("crash_loop", because)
    elif len(memory.starts) >= LOOP_STARTS:
        since = memory.seen_at - memory.starts[-1]
        settled = runs and since >= SETTLED_AFTER
        if settled and since >= OVER_AFTER * _longest_life(memory):
            return
        yield Finding(
            health=Health.DEGRADED if settled else Health.UNHEALTHY,
            because=f"{asked.words} started {len(memory.starts)} times in 10"
            f" min, the last time {length(since)} ago",
            reason="crash_loop",
        )


def _longest_life(memory: ServiceMemory) -> float:
    """Return how long it ran between its starts, at most.

    Of starts that one look has counted, and no other, nobody knows.
    """
    lives = (later - earlier for earlier, later in pairwise(memory.starts))
    return max(lives) or LOOP_WITHIN / LOOP_STARTS


def _state(
    server: Process | None, asked: Asked, memory: ServiceMemory
) -> Iterator[Finding]:
    if server is None:
        return
    who = f"{asked.words} (pid {server.pid})"
    if server.state == "T":
        because = f"{who} was suspended (SIGSTOP); SIGCONT lets it go on"
        yield _unhealthy("suspended", because)
    elif memory.waiting >= WAITS:
        yield Finding(
            health=Health.DEGRADED,
            because=f"{who} waits in the kernel, {memory.waiting} looks in a "
            "row, and cannot be killed",
            reason="uninterruptible",
        )


def _well(reading: ServiceReading, asked: Asked) -> str:
    server = reading.server
    if server is None:
        return f"{asked.words} runs and its port is served"
    known = (
        f"pid {server.pid}",
        None
        if reading.now is None
        else f"up {length(max(0.0, reading.now - server.started_at))}",
        None
        if server.resident_bytes is None
        else f"{size(server.resident_bytes)} resident",
        None if reading.cpu_ratio is None else f"{reading.cpu_ratio:.0%} CPU",
    )
    figures = ", ".join(one for one in known if one)
    return f"{asked.words} runs and listens ({figures})"


def _unhealthy(reason: str, because: str) -> Finding:
    return Finding(health=Health.UNHEALTHY, because=because, reason=reason)
