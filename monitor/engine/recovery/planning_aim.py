"""Whether an aim is still the planned one, and what is other about it."""

from collections.abc import Iterator

from monitor.domain.recovery.identity import Identity, identities
from monitor.domain.recovery.plan import Aim
from monitor.domain.service.reading import ServiceReading

_PLAIN = {
    "url": "its URL",
    "host": "its machine",
    "manager": "what runs it",
    "unit": "its unit",
    "directory": "its directory",
    "port": "its port",
}
"""Settings, in words; a reload may change them."""


def processes_of(
    service: ServiceReading | None, planned: tuple[Identity, ...] = ()
) -> tuple[Identity, ...]:
    """Return the processes that an action would end.

    While the ones that serve are those of the plan, they are the planned
    ones: children come and go with every job, as the host's gate knows too.
    """
    found = identities(service) if service else ()
    serving = _serving(found)
    return planned if serving and serving == _serving(planned) else found


def differences(planned: Aim, found: Aim) -> Iterator[str]:
    """Yield what is other now, in words."""
    for name, words in _PLAIN.items():
        before, now = getattr(planned, name), getattr(found, name)
        if before != now:
            yield f"{words} is {now or 'not set'} now, it was {before}"
    if planned.boot_id != found.boot_id:
        yield _booted(planned, found)
    elif planned.processes != found.processes:
        yield from _processes(planned.processes, found.processes)
    elif planned.cards != found.cards:
        yield "the GPUs that it uses are others now"
    elif planned.bystanders != found.bystanders:
        yield from _bystanders(planned.bystanders, found.bystanders)
    elif planned.steps != found.steps:
        yield "its steps are others now"


def _booted(planned: Aim, found: Aim) -> str:
    if not found.boot_id:
        return "its machine told nothing just now"
    if not planned.boot_id:
        return "its machine told nothing when it was planned"
    return "its machine was booted since"


def _processes(
    planned: tuple[Identity, ...], found: tuple[Identity, ...]
) -> Iterator[str]:
    for one in sorted(set(planned) - set(found)):
        yield f"process {one.pid} is gone or is another"
    for one in sorted(set(found) - set(planned)):
        yield f"process {one.pid} is new or is another"


def _bystanders(
    planned: tuple[str, ...], found: tuple[str, ...]
) -> Iterator[str]:
    """Yield whom it would touch now, and who was approved and is gone."""
    yield from (f"new: {one}" for one in found if one not in planned)
    yield from (f"no more: {one}" for one in planned if one not in found)


def _serving(processes: tuple[Identity, ...]) -> tuple[Identity, ...]:
    return tuple(one for one in processes if one.is_server)
