"""Who uses a machine and its cards, out of what looks just showed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.diagnosis.case import Case
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.kernel.slot import slot
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.gpu_table import gpu_table, program
from monitor.domain.recovery.identity import is_boot_id
from monitor.domain.recovery.machine_use import GpuTable, MachineUse
from monitor.domain.service.reading import ServiceReading, Unit
from monitor.engine.recovery.planning_sources import Seen

AT_BOOT: Mapping[tuple[str, str], bool] = {
    ("systemd", "enabled"): True,
    ("systemd", "disabled"): False,
    ("systemd", "masked"): False,
    ("systemd", "enabled-runtime"): False,
    ("docker", "always"): True,
    ("docker", "unless-stopped"): True,
    ("docker", "on-failure"): False,
    ("docker", "no"): False,
}
"""Whether a manager starts something as its machine boots, by its own word
(systemctl(1), is-enabled; docker run --restart). Another word tells nothing:
a static unit may be wanted by one that is enabled."""

_LOST = "gpu_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The other servers on a machine, and what is known of them.

    `own_boot` is the boot id of the machine that this monitor runs on, empty
    where it is not known.
    """

    cases: tuple[Case, ...] = ()
    own_boot: str = ""


def table_of(target: Target, seen: Seen) -> GpuTable | None:
    """Return who holds memory on a server's cards, None where not seen."""
    reading = seen.gpu.reading if seen.gpu else None
    if not isinstance(reading, GpuReading) or seen.service is None:
        return None
    at = seen.gpu.at if seen.gpu else seen.at
    return gpu_table(reading, seen.service, named=target.gpus, at=at)


def machine_of(case: Case, seen: Seen, beside: Beside) -> MachineUse | None:
    """Return who else is on a server's machine, None where not seen."""
    reading = seen.machine.reading if seen.machine else None
    if not isinstance(reading, MachineReading):
        return None
    unit = seen.service.unit if seen.service else None
    return MachineUse(
        targets=tuple(one.target.name for one in beside.cases),
        people=reading.people,
        packages=reading.packages,
        inhibitors=reading.inhibitors,
        strangers=tuple(_strangers(seen, beside)),
        starts_at_boot=_at_boot(unit),
        is_ours=is_boot_id(reading.boot_id)
        and reading.boot_id == beside.own_boot,
        gpus=_gpus(case, seen),
    )


def _at_boot(unit: Unit | None) -> bool | None:
    if unit is None:
        return None
    is_docker = unit.manager == "docker"
    word = unit.restart_policy if is_docker else unit.enabled
    return AT_BOOT.get((unit.manager, word))


def _gpus(case: Case, seen: Seen) -> int | None:
    """Return as many cards as were ever seen there, lost ones too.

    No fewer than its settings name: a card may have been lost before the
    first look.
    """
    reading = seen.gpu.reading if seen.gpu else None
    now = _there(reading) if isinstance(reading, GpuReading) else 0
    named = case.target.gpus
    highest = max((n + 1 for n in named if isinstance(n, int)), default=0)
    known = len(case.memory.cards.places)
    return max(now, known, len(named), highest) or None


def _there(reading: GpuReading) -> int:
    """Return how many cards a list names: those that answer, and the lost.

    A lost card that it does not name may be any of those that it names.
    """
    listed = {slot(one.pci_bus_id) for one in reading.gpus}
    lost = [one for one in reading.faults if one.fault == _LOST]
    named = {slot(one.pci_bus_id) for one in lost if one.pci_bus_id} - listed
    return len(reading.gpus) + (len(named) or bool(lost))


def _strangers(seen: Seen, beside: Beside) -> Iterator[str]:
    """Yield who holds memory on any card and belongs to no server of ours.

    Without their numbers: a job that begins anew is the same bystander.
    """
    reading = seen.gpu.reading if seen.gpu else None
    if not isinstance(reading, GpuReading):
        return
    ours = {*_pids([seen.service])}
    ours |= {*_pids([one.service_reading for one in beside.cases])}
    for gpu in reading.gpus:
        for one in gpu.processes:
            if one.pid not in ours:
                yield f"{program(one.name)} on GPU {gpu.index}"


def _pids(readings: Sequence[ServiceReading | None]) -> Iterator[int]:
    for one in readings:
        if one is not None:
            yield from (p.pid for p in one.processes)
            yield from (p.pid for p in one.strays or ())
