"""What is seen on a host, on the wire: the machine, and a service there."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import PurePosixPath

from pydantic import JsonValue

from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.reading import Gap, MachineReading
from monitor.domain.service.reading import Process, ServiceReading, Unit
from monitor.schemas.wire import utc

Said = dict[str, JsonValue]
_EVENTS = 50
"""Events of the kernel that are told, the newest."""


def known(said: Mapping[str, JsonValue]) -> Said:
    """Leave out what is not known."""
    return {name: value for name, value in said.items() if value is not None}


def at(moment: float | None) -> str | None:
    """Return a Unix time as RFC 3339, None for what no calendar holds."""
    try:
        return None if moment is None else utc(moment).isoformat()
    except (OverflowError, ValueError, OSError):
        return None


def gaps(found: Iterable[Gap]) -> list[JsonValue]:
    """Return what should be known and is not, and why."""
    return [asdict(gap) for gap in found]


def machine(reading: MachineReading) -> Said:
    """Tell of a machine."""
    return {
        "way": reading.way,
        "gate_version": reading.gate_version or None,
        "python": reading.python or None,
        "boot_id": reading.boot_id or None,
        "booted_at": at(reading.boot_time),
        "uptime_seconds": reading.uptime,
        "clock_offset_seconds": reading.clock_offset,
        "load1": reading.load1,
        "cpus": reading.cpus,
        "memory_total_bytes": reading.memory_total_bytes,
        "memory_available_bytes": reading.memory_available_bytes,
        "disks": [known(asdict(disk)) for disk in reading.disks],
        "drivers": None
        if reading.drivers is None
        else [
            {
                "pid": one.pid,
                "name": one.name,
                "state": one.state,
                "age_seconds": one.age,
                "wchan": one.wchan,
            }
            for one in reading.drivers
        ],
        "gpus_on_bus": None
        if reading.gpus_on_bus is None
        else list(reading.gpus_on_bus),
        "driver_module": reading.driver_module or None,
        "kernel": _kernel(reading.kernel) if reading.kernel else None,
        "gaps": gaps(reading.gaps),
    }


def _kernel(reading: KernelReading) -> Said:
    return {
        "source": reading.source,
        "xids": [
            known(
                {
                    "at": at(one.at),
                    "pci_bus_id": one.pci_bus_id,
                    "xid": one.xid,
                    "pid": one.pid,
                    "process": one.process or None,
                }
            )
            for one in reading.xids[-_EVENTS:]
        ],
        "oom_kills": [
            {"at": at(one.at), "pid": one.pid, "process": one.process}
            for one in reading.ooms[-_EVENTS:]
        ],
        "xid_counts": [
            {"pci_bus_id": bus_id, "xid": xid, "count": count}
            for bus_id, xid, count in reading.counts
        ],
        "lost": reading.lost,
    }


def service(reading: ServiceReading) -> Said:
    """Tell of a service, its processes and listeners."""
    return {
        "manager": reading.manager,
        "port": reading.port,
        "unit": _unit(reading.unit) if reading.unit else None,
        "processes": [_process(one) for one in reading.processes],
        "listeners": [known(asdict(one)) for one in reading.listeners],
        "port_taken_by": reading.port_taken_by or None,
        "cpu_ratio": reading.cpu_ratio,
        "gpu_shares": None
        if reading.gpu_shares is None
        else [asdict(one) for one in reading.gpu_shares],
        "gaps": gaps(reading.gaps),
    }


def _unit(unit: Unit) -> Said:
    said = {
        name: None if value == "" else value
        for name, value in asdict(unit).items()
        if name != "since"
    }
    return known({**said, "since": at(unit.since)})


def _process(process: Process) -> Said:
    return known(
        {
            "pid": process.pid,
            "ppid": process.ppid,
            "started_at": at(process.started_at),
            "user": process.user or None,
            "state": process.state or None,
            "program": program(process.cmdline) or process.name or None,
            "cpu_seconds": process.cpu_seconds,
            "resident_bytes": process.resident_bytes,
            "threads": process.threads,
            "is_server": process.is_server,
        }
    )


def program(cmdline: tuple[str, ...]) -> str:
    """Return a program's name and its script's; other arguments are private.

    They name users' files, and may hold what nobody should read. A process
    that calls itself something may have put all of them into the first.
    """
    first = cmdline[0].split() if cmdline else []
    names = [PurePosixPath(one).name for one in first[:1]]
    scripts = (one for one in cmdline[1:] if one.endswith(".py"))
    names += [PurePosixPath(one).name for one in scripts][:1]
    return " ".join(names)
