"""The parts `kernel`, `log` and `jobs`: what was written down."""

from collections.abc import Sequence

from monitor.gate.protocol import Refused
from monitor.simulator.gate.site import Answer, Question
from monitor.simulator.machine.journal import Entry
from monitor.simulator.machine.lines import STARTED
from monitor.simulator.machine.world import World

_LINES = 500
_BYTES = 262_144
_FIRST_BYTES = 65_536
"""What is read of a log by who never read it before."""
_FINISHED = 12
"""Jobs that were done before the simulation began."""


def kernel(world: World, question: Question) -> Answer:
    """Return the kernel's lines after a cursor, the newest of them."""
    read = world.kernel.after(_cursor(question))
    limit = _limit(question, _LINES)
    return {
        "source": "journal",
        "cursor": read.cursor,
        "entries": _said(read.entries[-limit:]),
        "lost": read.lost or len(read.entries) > limit,
    }


def log(world: World, question: Question) -> Answer:
    """Return FaceFusion's lines after a cursor, the newest of them."""
    world.life.catch_up(world.now())
    cursor = _cursor(question)
    read = world.log.after(cursor)
    limit = _limit(question, _BYTES if cursor else _FIRST_BYTES)
    kept = _newest(read.entries, limit)
    dropped = read.entries[: len(read.entries) - len(kept)]
    return {
        "source": "journal",
        "cursor": read.cursor,
        "lines": _said(kept),
        "skipped_bytes": sum(map(_size, dropped)),
        "rotated": False,
        "restarted": any(one.text == STARTED for one in read.entries),
    }


def jobs(world: World, now: float) -> Answer:
    """Return what a jobs folder would hold."""
    doing = world.doing()
    started = []
    if doing.running and world.service.process is not None:
        started.append(_job(f"api-{doing.done}", now - doing.seconds))
    if world.orphan is not None:
        started.append(_job(world.orphan.id, world.orphan.updated_at))
    return {
        "counts": {
            "drafted": 0,
            "queued": doing.waiting + len(started),
            "completed": _FINISHED + doing.done,
            "failed": doing.failed,
        },
        "started": started,
        "unreadable": 0,
        "more": False,
    }


def _job(name: str, updated_at: float) -> Answer:
    return {
        "id": name,
        "updated_at": updated_at,
        "steps": 1,
        "steps_done": 0,
    }


def _said(entries: Sequence[Entry]) -> list[Answer]:
    return [{"at": one.at, "text": one.text} for one in entries]


def _newest(entries: Sequence[Entry], limit: int) -> Sequence[Entry]:
    size = 0
    for count, one in enumerate(reversed(entries)):
        size += _size(one)
        if size > limit:
            return entries[len(entries) - count :]
    return entries


def _size(entry: Entry) -> int:
    return len(entry.text.encode()) + 1


def _cursor(question: Question) -> str | None:
    cursor = question.get("cursor")
    return cursor if isinstance(cursor, str) else None


def _limit(question: Question, usual: int) -> int:
    limit = question.get("limit", usual)
    if not isinstance(limit, int) or limit <= 0:
        raise Refused("bad_request", "cannot use limit: it is no count")
    return min(limit, usual)
