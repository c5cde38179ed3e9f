"""Everything that is wrong with a host's GPUs, with names to it.

nvidia-smi names some faults itself, the kernel others. The rest shows only
beside what is known: a GPU that is not listed any more, a count that does
not fit, a card on the bus that nobody lists. Not faults, though they look
it: a software power cap on an idle card, no utilisation under MIG, 100 %
utilisation without a process, a thermal slowdown (facts/gpu.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from monitor.domain.gpu.absence import (
    OnBus,
    beside_the_bus,
    missing,
    nothing,
    uncounted,
    unlisted,
)
from monitor.domain.gpu.advice import advised, of_recovery_action, sharper
from monitor.domain.gpu.evidence import NOTHING, Aftermath, blamed, settle
from monitor.domain.gpu.inventory import Inventory, absent_from, learn
from monitor.domain.gpu.naming import (
    identified,
    key,
    names_a_gpu,
    on_the_only_gpu,
)
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.gpu.recovery_action import wants_recovery
from monitor.domain.health import Health, worst
from monitor.domain.kernel.event import KernelReading

DEPTH = (
    "gpu_lost",
    "gpu_wedged",
    "gpu_reset_required",
    "driver_mismatch",
    "container_gpu_lost",
    "gpu_hardware",
)
"""All faults, deepest first, as DESIGN §4.6 orders them."""

_EXPLAINED = frozenset({"gpu_lost", "gpu_wedged"})
"""Faults of nobody in particular that an Xid gives to one GPU."""


def complete(
    reading: GpuReading,
    known: Inventory,
    kernel: KernelReading | None = None,
    before: Aftermath = NOTHING,
    on_bus: OnBus = None,
) -> GpuReading:
    """Return the reading with all its faults, deepest first, with advice.

    `reading` holds those that nvidia-smi named, `known` the GPUs of earlier
    readings: what is missing is told from them, and uuids are filled in.
    `kernel` must have been read before the reading was taken; `before` says
    which of its events earlier readings have settled. `on_bus` is what the
    kernel sees now.
    """
    here = (*learn((), reading), *known)
    absent = absent_from(reading, known)
    named = _named(reading, here, absent)
    if reading.gpus:
        named += missing(named, absent)
    after = settle(before, reading, kernel)
    named = _explained(named, list(blamed(reading, kernel, after)), here)
    if reading.gpus or not named:
        named += unlisted(named, reading, on_bus)
        named += uncounted(named, reading)
    faults = named or nothing(reading)
    return replace(
        reading,
        faults=_in_order(
            advised(beside_the_bus(fault, on_bus)) for fault in faults
        ),
    )


def _named(
    reading: GpuReading, here: Inventory, absent: Inventory
) -> list[GpuFault]:
    """Return what nvidia-smi said, and what its GPUs admit."""
    spoken = [
        fault
        for said in reading.faults
        for fault in _spread(on_the_only_gpu(said, reading), absent)
    ]
    spoken += (fault for gpu in reading.gpus for fault in _admitted(gpu))
    return [identified(fault, here) for fault in spoken]


def _spread(fault: GpuFault, absent: Inventory) -> Iterable[GpuFault]:
    """Give a loss that names no GPU to those that do not answer."""
    if fault.fault != "gpu_lost" or names_a_gpu(fault) or not absent:
        return (fault,)
    return (replace(fault, uuid=identity.uuid) for identity in absent)


def _admitted(gpu: Gpu) -> Iterator[GpuFault]:
    if wants_recovery(gpu.recovery_action):
        yield GpuFault(
            fault="gpu_reset_required",
            because=f'the driver asks for "{gpu.recovery_action}"; drain it'
            " first",
            uuid=gpu.uuid,
            advice=of_recovery_action(gpu.recovery_action),
        )
    if gpu.row_remap_failed:
        yield GpuFault(
            fault="gpu_hardware",
            because="a row of its memory could not be remapped: NVIDIA's"
            " criterion for replacing the card",
            uuid=gpu.uuid,
            health=Health.DEGRADED,
            advice="page",
        )


def _explained(
    named: Sequence[GpuFault], xids: Iterable[GpuFault], here: Inventory
) -> list[GpuFault]:
    """Put the kernel's evidence to the faults that it explains."""
    faults = list(named)
    for evidence in xids:
        found = identified(evidence, here)
        place = _place(faults, found)
        if place is None:
            faults.append(found)
        elif names_a_gpu(faults[place]):
            words = f"{faults[place].because}; {evidence.because}"
            faults[place] = _merged(faults[place], found, words)
        else:
            words = f"{found.because}; {faults[place].because}"
            faults[place] = _merged(
                replace(
                    faults[place],
                    uuid=found.uuid,
                    pci_bus_id=found.pci_bus_id,
                ),
                found,
                words,
            )
    return faults


def _place(faults: Sequence[GpuFault], found: GpuFault) -> int | None:
    """Return where the fault stands that evidence is about."""
    same = [at for at, one in enumerate(faults) if key(one) == key(found)]
    nobodys = [
        at
        for at, one in enumerate(faults)
        if one.fault == found.fault
        and one.fault in _EXPLAINED
        and not names_a_gpu(one)
    ]
    return next(iter((*same, *nobodys)), None)


def _merged(fault: GpuFault, found: GpuFault, because: str) -> GpuFault:
    return replace(
        fault,
        because=because,
        health=worst((fault.health, found.health)),
        advice=sharper(fault.advice, found.advice),
    )


def _in_order(faults: Iterable[GpuFault]) -> tuple[GpuFault, ...]:
    """Return the faults deepest first, each of a GPU once."""
    unique = {key(fault): fault for fault in reversed(list(faults))}
    return tuple(
        sorted(unique.values(), key=lambda f: (DEPTH.index(f.fault), f.uuid))
    )
