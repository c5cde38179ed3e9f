"""Turns what happens on the machine into events of watched services."""

from collections.abc import Callable, Mapping, Sequence

from monitor.simulator.machine.happenings import Happening
from monitor.simulator.machine.world import UNIT, World

Message = dict[str, object]
_OF_A_PROCESS = {"exit", "started"}


class Watching:
    """The services that one client watches; `tell` is given the events."""

    def __init__(self, world: World, tell: Callable[[Message], None]) -> None:
        self._world = world
        self._tell = tell
        self._services: Sequence[Mapping[str, object]] = ()

    def watch(self, services: Sequence[Mapping[str, object]]) -> list[object]:
        """Watch these from now on, no others; return their names."""
        self._services = services
        self._world.happenings.leave(self._hear)
        self._world.happenings.listen(self._hear)
        return [service["name"] for service in services]

    def end(self) -> None:
        """Watch nothing any more."""
        self._world.happenings.leave(self._hear)

    def _hear(self, happening: Happening) -> None:
        for service in self._services:
            if is_there(service):
                self._tell(self._event(service, happening))

    def _event(
        self, service: Mapping[str, object], happening: Happening
    ) -> Message:
        event: Message = {"event": happening.event, "name": service["name"]}
        if happening.event in _OF_A_PROCESS:
            event["pid"] = happening.pid
            event["started_at"] = happening.started_at
        else:
            event["port"] = service.get("port", self._world.port)
        event["at"] = happening.at
        return event


def is_there(service: Mapping[str, object]) -> bool:
    """Return whether this machine has what is asked for: one unit."""
    manager = service.get("manager", "systemd")
    named = service.get("unit", UNIT) == UNIT
    return manager == "process" or (manager == "systemd" and named)
