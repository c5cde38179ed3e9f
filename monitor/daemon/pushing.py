"""Follows what hosts report by themselves, one task a host."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from monitor.daemon.services import port_of
from monitor.daemon.wiring import Machine, Parts
from monitor.domain.errors import CannotReach
from monitor.domain.service.happening import Happening, read_happening
from monitor.outputs import log
from monitor.ports import Gate

PAUSE = (1.0, 60.0)
"""Seconds until a lost line is made again: at first, and at most."""
WITHOUT_PYTHON = 600.0
"""Seconds until a host that cannot report is asked again."""
GREETING = 20.0
"""Seconds for a host that was lost to answer again."""
HOPELESS = frozenset({"gate_missing", "gate_version", "gate_refused"})
"""Why a host cannot report however often it is asked."""

Service = Mapping[str, object]
Sleep = Callable[[float], Awaitable[None]]


class Hears(Protocol):
    """Hears what hosts report; `engine.reported.Reports` does."""

    def happened(self, host: str, happening: Happening) -> None:
        """Hear that something happened to a server on a host."""
        ...

    def line_changed(self, host: str) -> None:
        """Hear that a host's line was lost, or is there again."""
        ...


class Pauses:
    """How long to wait before the line is made again.

    Doubled at each failure, and between half and all of it: forty hosts
    that lost one jump host do not come back at once.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._next = PAUSE[0]

    def worked(self) -> None:
        """Begin with a short one again."""
        self._next = PAUSE[0]

    def after(self, error: CannotReach) -> float:
        """Return the seconds to wait."""
        if error.reason in HOPELESS:
            return WITHOUT_PYTHON
        longest, self._next = self._next, min(PAUSE[1], self._next * 2)
        return longest * (1 + self._chance()) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The task that follows one host, and what it was begun for."""

    gate: Gate
    services: tuple[Service, ...]
    task: asyncio.Task[None]


class Followers:
    """Follows every host that has a service on it.

    `pauses` makes what tells one host's task how long to wait.
    """

    def __init__(
        self, reports: Hears, pauses: Callable[[], Pauses] = Pauses
    ) -> None:
        self._reports = reports
        self._pauses = pauses
        self._following: dict[str, Following] = {}
        self._is_closed = False

    def put(self, parts: Parts) -> None:
        """Follow these hosts; what is followed already goes on.

        Nobody is followed any more after `close`: a reload may end later.
        """
        if self._is_closed:
            return
        services = services_of(parts)
        for name in self._following.keys() - services.keys():
            self._following.pop(name).task.cancel()
        for name, asked in services.items():
            self._follow(name, parts.machines[name], asked)

    async def close(self) -> None:
        """Follow nobody any more."""
        self._is_closed = True
        tasks = [one.task for one in self._following.values()]
        self._following.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _follow(
        self, name: str, machine: Machine, services: tuple[Service, ...]
    ) -> None:
        held = self._following.get(name)
        if held and (held.gate, held.services) == (machine.gate, services):
            return
        if held:
            held.task.cancel()
        self._following[name] = Following(
            gate=machine.gate,
            services=services,
            task=asyncio.create_task(
                follow_host(
                    name,
                    machine.gate,
                    services,
                    self._reports,
                    self._pauses(),
                )
            ),
        )


async def follow_host(  # noqa: PLR0913, PLR0917 - a task and its tools
    name: str,
    gate: Gate,
    services: Sequence[Service],
    reports: Hears,
    pauses: Pauses,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Tell what a host reports, for ever.

    A lost line, and one that is there again, is told once. A quiet host
    reports nothing, so one that was lost is asked whether it is there.
    """
    was_lost = False
    while True:
        try:
            if was_lost and await _is_there(gate):
                was_lost = False
                pauses.worked()
                reports.line_changed(name)
            async with aclosing(gate.watch(services)) as events:
                async for event in events:
                    pauses.worked()
                    if happening := read_happening(event):
                        reports.happened(name, happening)
            pause = PAUSE[1]  # it ended without a word
        except CannotReach as error:
            pause = pauses.after(error)
            if not was_lost and error.reason not in HOPELESS:
                reports.line_changed(name)
            was_lost = True
        except Exception as error:  # noqa: BLE001 - the host goes on reporting
            log.get().error("cannot follow", host=name, error=repr(error))
            pause = PAUSE[1]
        await sleep(pause)


async def _is_there(gate: Gate) -> bool:
    """Return whether a gate that can report answers again."""
    return (await gate.hello(within=GREETING)).way != "plain"


def services_of(parts: Parts) -> Mapping[str, tuple[Service, ...]]:
    """Return what each host is asked to watch, by its name."""
    found: dict[str, tuple[Service, ...]] = {}
    for server in parts.servers.values():
        target, service = server.settings, server.settings.service
        host = target.host or ""
        if service is None or host not in parts.machines:
            continue
        asked = {
            "name": target.name,
            "manager": service.manager,
            "unit": service.unit,
            "directory": service.directory,
            "port": port_of(target.url),
        }
        found[host] = (*found.get(host, ()), asked)
    return found
