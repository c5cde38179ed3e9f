"""Gate `identity`: whether we know exactly what would be ended."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.gpu_table import program, to_end
from monitor.domain.recovery.identity import Identity, is_boot_id
from monitor.domain.recovery.machine_use import GpuTable
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.service.sight import may_be_hidden


def identity(situation: Situation) -> Said:
    """Refuse what is not known by boot, pid, start time and owner.

    Where surely nothing runs there is nothing to end, and a restart starts
    it.
    """
    service, name = situation.service, situation.target.name
    if service is None:
        return refused(f"the processes of {name} were not seen")
    if not service.boot_id:
        return refused(
            f"the boot of the machine of {name} is not known: a pid alone"
            " names nobody"
        )
    unit = service.unit
    if unit is not None and not unit.exists:
        return refused(f"{unit.manager} knows no {unit.name} there")
    if situation.action is Action.REBOOT:
        return _booted(service.boot_id, name)
    if situation.action is Action.FREE_GPU_MEMORY:
        return _freed(service, situation.gpu)
    return _processes(service)


def _booted(boot_id: str, name: str) -> Said:
    """Whoever runs there ends with the machine: only its boot is asked."""
    if not is_boot_id(boot_id):
        return refused(
            f"the boot id of the machine of {name} is none: a reboot could"
            " not be proved by it"
        )
    return allowed("the boot of its machine is known: all that runs ends")


def _freed(service: ServiceReading, gpu: GpuTable | None) -> Said:
    if service.strays is None:
        return refused(
            "FaceFusion processes outside of its unit may run that cannot be"
            " seen"
        )
    return _on_cards(gpu)


def _on_cards(gpu: GpuTable | None) -> Said:
    if gpu is None or not gpu.cards:
        return refused("who holds memory on its GPUs was not seen")
    if not gpu.ours:
        return refused("no process of it is seen to hold GPU memory")
    for use in gpu.ours:
        if use.identity is None:
            return refused(
                f"whose process pid {use.pid} ({program(use.name)}) is, which"
                " holds GPU memory, cannot be seen"
            )
    return allowed(f"known: {'; '.join(map(_named, to_end(gpu)))}")


def _processes(service: ServiceReading) -> Said:
    serving = [one for one in service.processes if one.is_server]
    for one in serving:
        if one.uid is None:
            return refused(f"whose process pid {one.pid} is cannot be seen")
    if not serving and may_be_hidden(service):
        return refused("processes of it may run that cannot be seen")
    if not serving:
        return allowed("no process of it serves: nothing is ended")
    return allowed(f"known: {'; '.join(_named(one) for one in serving)}")


def _named(one: Process | Identity) -> str:
    return f"pid {one.pid}, started at tick {one.start_ticks}, uid {one.uid}"
