"""Births: the new processes that serve, after something was done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.recovery.identity import Identity
from monitor.domain.service.reading import Process, ServiceReading

SLACK = 5.0
"""Seconds by which a process may look older than the effect: its age comes
from another clock than ours, and the look took a moment."""
_DEAD = frozenset({"X", "Z"})


class Seen(Protocol):
    """A look, at the Unix time `at`, `since_sent` seconds after the effect."""

    @property
    def at(self) -> float:
        """When it was."""
        ...

    @property
    def since_sent(self) -> float:
        """How long after the effect was sent."""
        ...

    @property
    def service(self) -> ServiceReading | None:
        """What it saw."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A new process that serves, first seen at the Unix time `at`."""

    pid: int
    start_ticks: int
    at: float


def births(
    looks: Iterable[Seen], before: Sequence[Identity]
) -> tuple[Birth, ...]:
    """Return who serves anew, in the order of appearance.

    Another one beside the first, which goes on, is no birth: some servers
    have several.
    """
    found: list[Birth] = []
    for look in looks:
        server = look.service.server if look.service else None
        if look.service is None or server is None or server.state in _DEAD:
            continue
        if not _is_new(server, look.service, look.since_sent, before):
            continue
        if not found or not is_there(found[-1:], look.service):
            found.append(
                Birth(
                    pid=server.pid,
                    start_ticks=server.start_ticks,
                    at=look.at,
                )
            )
    return tuple(found)


def is_there(born: Sequence[Birth], service: ServiceReading) -> bool:
    """Return whether one of these runs."""
    keys = {(one.pid, one.start_ticks) for one in born}
    return any(
        (one.pid, one.start_ticks) in keys and one.state not in _DEAD
        for one in service.processes
    )


def _is_new(
    server: Process,
    service: ServiceReading,
    since_sent: float,
    before: Sequence[Identity],
) -> bool:
    """Return whether it was started by what was done, or after it.

    On one boot what began later has more ticks. Where nothing ran before,
    its age tells, by the machine's own clock.
    """
    served = [one.start_ticks for one in before if one.is_server]
    if served:
        return server.start_ticks > max(served)
    if service.now is None:
        return True
    return service.now - server.started_at <= since_sent + SLACK
