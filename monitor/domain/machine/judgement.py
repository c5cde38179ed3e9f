"""What one look at a machine suggests: is it in trouble, and of which kind.

Deepest first, as DESIGN §4.6 orders causes: a full disk explains more than a
wedged driver, that more than memory, memory more than load.
"""

from collections.abc import Iterator

from monitor.domain.health import Health
from monitor.domain.machine import thresholds
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.disks import low_disks
from monitor.domain.machine.finding import Finding, Verdict, add_up
from monitor.domain.machine.reading import MachineReading
from monitor.domain.machine.words import (
    length,
    notes_of,
    share,
    size,
    well_words,
)


def judge(reading: MachineReading, now: float) -> Verdict:
    """Return the verdict at our Unix time `now`.

    Reasons: disk_full (unhealthy); wedged_driver, oom, memory_low,
    overloaded, disk_low (degraded); unseen (unknown) where the machine
    itself could not be looked at. Gaps and a wrong clock are only told.
    """
    findings = tuple(_findings(reading, now))
    notes = notes_of(reading)
    if not findings and _is_unseen(reading):
        return Verdict(
            health=Health.UNKNOWN,
            because="; ".join(("the machine could not be looked at", *notes)),
            reason="unseen",
        )
    return add_up(findings, well=well_words(reading), notes=notes)


def _is_unseen(reading: MachineReading) -> bool:
    return (
        reading.uptime is None
        and reading.load1 is None
        and reading.memory_available_bytes is None
    )


def _findings(reading: MachineReading, now: float) -> Iterator[Finding]:
    disks = low_disks(reading.disks)
    yield from (disk for disk in disks if disk.reason == "disk_full")
    yield from _wedged_driver(reading)
    yield from _oom(reading, now)
    yield from _memory(reading)
    yield from _load(reading)
    yield from (disk for disk in disks if disk.reason != "disk_full")


def _wedged_driver(reading: MachineReading) -> Iterator[Finding]:
    stuck = [
        driver
        for driver in reading.drivers or ()
        if driver.state == "D" and driver.age >= thresholds.WEDGED_AFTER
    ]
    if stuck:
        oldest = max(stuck, key=lambda driver: driver.age)
        where = f" in {oldest.wchan}" if oldest.wchan else ""
        more = f" ({len(stuck)} of them)" if len(stuck) > 1 else ""
        yield _degraded(
            "wedged_driver",
            f"nvidia-smi (pid {oldest.pid}) waits in the kernel{where} since "
            f"{length(oldest.age)} and cannot be killed{more}",
        )


def _oom(reading: MachineReading, now: float) -> Iterator[Finding]:
    """Compare by the host's own clock; without it nothing is known."""
    if reading.kernel is None or reading.clock_offset is None:
        return
    there = now + reading.clock_offset
    killed = [
        kill
        for kill in reading.kernel.ooms
        if 0 <= there - kill.at <= thresholds.OOM_WITHIN
    ]
    if killed:
        last = killed[-1]
        ours = last.at - reading.clock_offset
        more = f", {len(killed)} in 10 min" if len(killed) > 1 else ""
        yield _degraded(
            "oom",
            f"the kernel killed {last.process or 'a process'} (pid "
            f"{last.pid}) at {stamp(ours)} to get memory back{more}",
        )


def _memory(reading: MachineReading) -> Iterator[Finding]:
    total = reading.memory_total_bytes
    available = reading.memory_available_bytes
    if not total or available is None:
        return
    if available < thresholds.LOW_MEMORY_SHARE * total:
        yield _degraded(
            "memory_low",
            f"{size(available)} of {size(total)} memory is available "
            f"({share(available, total)})",
        )


def _load(reading: MachineReading) -> Iterator[Finding]:
    load, cpus = reading.load1, reading.cpus
    if load is None or cpus is None:
        return
    if load > thresholds.LOAD_PER_CPU * cpus:
        yield _degraded("overloaded", f"load {load:.1f} on {cpus} CPUs")


def _degraded(reason: str, because: str) -> Finding:
    return Finding(health=Health.DEGRADED, because=because, reason=reason)
