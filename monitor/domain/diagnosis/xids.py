"""What the kernel's Xid events tell of one server and of its cards.

The rules are those of facts/gpu.md §2. Events are of this boot, and bounded:
what came before a reboot is not counted.
"""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.diagnosis.told import (
    START_SLACK,
    Told,
    clock_ahead,
    machine_reading,
    processes,
    started_at,
)
from monitor.domain.kernel.event import XidEvent
from monitor.domain.kernel.slot import slot
from monitor.domain.kernel.xids import xid
from monitor.domain.machine.clocks import stamp

DAY = 86400.0
_ENGINE = 13
_OFTEN = 3
"""So many Xids 13 of a card in a day are no program's fault any more."""
_REBOOT_ON_REPEAT = frozenset({32, 38, 109})
_REPEATED = 2


def of_its_processes(case: Case) -> Iterator[Told]:
    """Yield errors for which a process of the server must start again."""
    machine, ahead = case.machine, clock_ahead(case)
    started = {one.pid: one.started_at for one in processes(case)}
    for event in _events(case):
        since = started.get(event.pid or 0)
        if machine is None or since is None:
            continue
        if event.at < since - START_SLACK:  # a pid that is used again
            continue
        if xid(event.xid).advice == "restart_app":
            at = event.at - ahead
            because = (
                f"the kernel said at {stamp(at)} of its process {event.pid}:"
                f" {_words(event)}"
            )
            seen = Fact(key=machine.key, because=because, at=at)
            yield Told(because=because, at=at, fact=seen)


def often(case: Case) -> str:
    """Return what to say of a card on which programs keep failing."""
    for (_, number), events in _on_its_cards(case).items():
        if number == _ENGINE and len(events) >= _OFTEN:
            return (
                f"; {_words(events[-1])} came {len(events)} times in 24 h:"
                " have the card checked"
            )
    return ""


def repeated(case: Case) -> Iterator[Told]:
    """Yield errors of its cards that nothing but a reboot ends for long.

    The newest of each, of the server that runs now.
    """
    machine, started = case.machine, started_at(case)
    for (_, number), events in _on_its_cards(case).items():
        newest = events[-1]
        if machine is None or number not in _REBOOT_ON_REPEAT:
            continue
        if len(events) < _REPEATED:
            continue
        if started is not None and newest.at < started - START_SLACK:
            continue
        at = newest.at - clock_ahead(case)
        because = f"{_words(newest)} came {len(events)} times in 24 h"
        seen = Fact(key=machine.key, because=because, at=at)
        yield Told(because=because, at=at, fact=seen)


def _on_its_cards(case: Case) -> dict[tuple[str, int], list[XidEvent]]:
    """Return the events of the last day by card and number."""
    now = case.now + clock_ahead(case)
    found: dict[tuple[str, int], list[XidEvent]] = {}
    for event in _events(case):
        uses = case.memory.cards.uses(
            case.target, event.pci_bus_id, case.gpu_reading
        )
        if uses and now - event.at <= DAY:
            place = slot(event.pci_bus_id), event.xid
            found.setdefault(place, []).append(event)
    return found


def _events(case: Case) -> tuple[XidEvent, ...]:
    reading = machine_reading(case)
    return reading.kernel.xids if reading and reading.kernel else ()


def _words(event: XidEvent) -> str:
    known = xid(event.xid).meaning
    return f"Xid {event.xid} ({known}) of GPU {event.pci_bus_id}"
