"""A machine: whether SSH gets in, and how it does."""

from collections.abc import Iterator
from dataclasses import replace

from monitor.domain.checklist.line import Line, line_of
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.reading import MachineReading
from monitor.domain.machine.words import size
from monitor.domain.observation import Observation

_EVENTS = 3
"""Kernel events that are told, the newest."""


def machine_lines(seen: Observation) -> tuple[Line, ...]:
    """Return whether SSH gets in, and what was seen then."""
    reading = seen.reading
    if not isinstance(reading, MachineReading):
        return (line_of(seen, check="ssh"),)
    return (_ssh(seen, reading), line_of(seen, machine_facts(reading)))


def machine_facts(reading: MachineReading) -> Iterator[str]:
    """Yield boot, load, memory, disks and what the kernel said."""
    if reading.boot_time is not None:
        yield f"booted {stamp(reading.boot_time)}"
    if reading.load1 is not None:
        on = "" if reading.cpus is None else f" on {reading.cpus} CPUs"
        yield f"load {reading.load1:.2f}{on}"
    available = reading.memory_available_bytes
    if available is not None and reading.memory_total_bytes is not None:
        total = size(reading.memory_total_bytes)
        yield f"memory: {size(available)} of {total} available"
    for disk in reading.disks:
        room = f"{size(disk.free_bytes)} of {size(disk.total_bytes)} free"
        yield f"disk {disk.path}: {room}"
    if reading.kernel is not None:
        yield from _said(reading.kernel)


def _said(kernel: KernelReading) -> Iterator[str]:
    for xid in kernel.xids[-_EVENTS:]:
        yield f"kernel, {stamp(xid.at)}: Xid {xid.xid} of {xid.pci_bus_id}"
    for kill in kernel.ooms[-_EVENTS:]:
        who = kill.process or "a process"
        yield f"kernel, {stamp(kill.at)}: killed {who} (out of memory)"


def _ssh(seen: Observation, reading: MachineReading) -> Line:
    gate = f" {reading.gate_version}" if reading.gate_version else ""
    python = f", Python {reading.python}" if reading.python else ""
    return replace(
        line_of(seen, check="ssh"),
        health=Health.HEALTHY,
        because=f"{_WAYS.get(reading.way, reading.way)}{gate}{python}",
        reason="",
    )


_WAYS = {
    "installed": "answers; the gate is installed there",
    "stdin": "answers; the gate is sent along",
    "plain": "answers by plain commands: no Python 3.8 or newer is there",
}
