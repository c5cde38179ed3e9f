"""Gate `identity`: whether we know exactly what would be ended."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
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
    return _processes(situation, service)


def _processes(situation: Situation, service: ServiceReading) -> Said:
    serving = [one for one in service.processes if one.is_server]
    for one in serving:
        if one.uid is None:
            return refused(f"whose process pid {one.pid} is cannot be seen")
    if not serving and may_be_hidden(service):
        return refused("processes of it may run that cannot be seen")
    if not serving and situation.action is Action.FREE_GPU_MEMORY:
        return refused("no process of it runs that could hold GPU memory")
    if not serving:
        return allowed("no process of it serves: nothing is ended")
    return allowed(f"known: {'; '.join(_named(one) for one in serving)}")


def _named(one: Process) -> str:
    return f"pid {one.pid}, started at tick {one.start_ticks}, uid {one.uid}"
