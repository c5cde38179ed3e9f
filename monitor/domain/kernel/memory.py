"""What the kernel said since a machine booted, each event once.

One event prints many lines (Xid 45 one for each channel, a kill two), and
the log is read again from its start where there is no cursor. Lines about
the same GPU, Xid and process that are close together are one event.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.domain.kernel.event import KernelReading, OomKill, XidEvent
from monitor.domain.kernel.lines import events
from monitor.domain.kernel.slot import slot
from monitor.domain.kernel.wire import KernelPart, read_kernel

KEPT = 500
"""Events kept of each of both kinds: as many as lines are asked for, so that
a log that is read again has none that we have forgotten."""
CLOSE = 30.0
"""Seconds within which lines are of one event. A driver repeats itself for
seconds, and the journal's times differ from dmesg's by as much."""
_MOST_COUNTS = 1000
"""A machine has 16 GPUs and meets ten Xids; more is no kernel's log."""

_Counts = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelMemory:
    """What is kept between two looks at one machine; see `KernelReading`."""

    boot_id: str = ""
    source: str = ""
    cursor: str | None = None
    xids: tuple[XidEvent, ...] = ()
    ooms: tuple[OomKill, ...] = ()
    counts: _Counts = ()
    lost: bool = False


def learn(
    memory: KernelMemory, part: object, boot_id: str
) -> tuple[KernelMemory, KernelReading]:
    """Return memory and reading after an answer's `kernel` part.

    An empty `boot_id` is not known and counts as the one before. Raises
    `Unreadable`; the memory is then as good as it was.
    """
    told = part if isinstance(part, KernelPart) else read_kernel(part)
    before = _of_this_boot(memory, boot_id)
    found = sorted(events(told.entries, before.boot_id), key=_at)
    xids, fresh = _with_xids(
        before.xids, (one for one in found if isinstance(one, XidEvent))
    )
    after = replace(
        before,
        source=told.source,
        cursor=told.cursor or _old_cursor(before, told),
        xids=xids,
        ooms=_with_kills(
            before.ooms, (one for one in found if isinstance(one, OomKill))
        ),
        counts=_counted(before.counts, fresh),
        lost=before.lost or told.lost,
    )
    return after, reading(after)


def reading(memory: KernelMemory) -> KernelReading:
    """Return what is known without a new answer."""
    return KernelReading(
        source=memory.source,
        cursor=memory.cursor,
        boot_id=memory.boot_id,
        xids=memory.xids,
        ooms=memory.ooms,
        counts=memory.counts,
        lost=memory.lost,
    )


def _of_this_boot(memory: KernelMemory, boot_id: str) -> KernelMemory:
    if not boot_id or boot_id == memory.boot_id:
        return memory
    if not memory.boot_id:
        return replace(memory, boot_id=boot_id)
    return KernelMemory(boot_id=boot_id, counts=memory.counts)


def _old_cursor(memory: KernelMemory, told: KernelPart) -> str | None:
    """Keep the place in a log that had nothing new."""
    return memory.cursor if memory.source == told.source else None


def _with_xids(
    known: tuple[XidEvent, ...], found: Iterable[XidEvent]
) -> tuple[tuple[XidEvent, ...], list[XidEvent]]:
    """Return all events to keep, and those that are new."""
    alike: dict[tuple[str, int], list[XidEvent]] = {}
    for event in known:
        alike.setdefault(_key(event), []).append(event)
    fresh = []
    for event in found:
        same = alike.setdefault(_key(event), [])
        if not _was_forgotten(event, known) and not any(
            _is_one(event, other) for other in same
        ):
            same.append(event)
            fresh.append(event)
    kept = sorted((*known, *fresh), key=_at)
    return tuple(kept[-KEPT:]), fresh


def _key(event: XidEvent) -> tuple[str, int]:
    return slot(event.pci_bus_id), event.xid


def _is_one(one: XidEvent, other: XidEvent) -> bool:
    """Whether both are lines of one event; a pid may not be printed."""
    pids_fit = None in (one.pid, other.pid) or one.pid == other.pid
    return pids_fit and abs(one.at - other.at) <= CLOSE


def _was_forgotten(event: XidEvent, known: tuple[XidEvent, ...]) -> bool:
    """Whether an event is older than all that a full memory has kept."""
    return len(known) == KEPT and event.at < known[0].at - CLOSE


def _with_kills(
    known: tuple[OomKill, ...], found: Iterable[OomKill]
) -> tuple[OomKill, ...]:
    """Return all kills to keep; its two lines tell of one each a half."""
    kills = list(known)
    of_pid: dict[int, list[int]] = {}
    for place, kill in enumerate(kills):
        of_pid.setdefault(kill.pid, []).append(place)
    for kill in found:
        places = of_pid.setdefault(kill.pid, [])
        near = (at for at in places if abs(kill.at - kills[at].at) <= CLOSE)
        if (same := next(near, None)) is not None:
            kills[same] = _filled(kills[same], kill)
        else:
            places.append(len(kills))
            kills.append(kill)
    return tuple(sorted(kills, key=_at)[-KEPT:])


def _filled(kill: OomKill, other: OomKill) -> OomKill:
    return replace(
        kill,
        process=kill.process or other.process,
        cgroup=kill.cgroup or other.cgroup,
    )


def _counted(counts: _Counts, fresh: Iterable[XidEvent]) -> _Counts:
    number = {(bus, xid): count for bus, xid, count in counts}
    for event in fresh:
        key = _key(event)
        if key in number or len(number) < _MOST_COUNTS:
            number[key] = number.get(key, 0) + 1
    return tuple((bus, xid, n) for (bus, xid), n in sorted(number.items()))


def _at(event: XidEvent | OomKill) -> float:
    return event.at
