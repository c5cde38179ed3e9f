"""Who holds memory on which card, and which of them are FaceFusion's."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.machine.words import size
from monitor.domain.quote import quote
from monitor.domain.recovery.identity import Identity, identity_of
from monitor.domain.recovery.machine_use import Card, GpuTable, GpuUse, Whose
from monitor.domain.service.reading import Process, ServiceReading

DEAD = frozenset({"X", "Z"})
"""States of a process that has ended: its number names nobody any more."""
_Known = Mapping[int, tuple[Whose, Process]]


def gpu_table(
    gpu: GpuReading,
    service: ServiceReading,
    *,
    named: Sequence[int | str] = (),
    at: float,
) -> GpuTable:
    """Return who holds memory on the cards of a server, at the time `at`.

    `named` are the cards that its settings name, by index or UUID, empty for
    all of the machine. A process is the server's when it lives and was seen
    in its unit, container or directory; any other is somebody else's.
    """
    cards = [one for one in gpu.gpus if one.uuid and _is_named(one, named)]
    known = _known(service)
    uses = (use for one in cards for use in _uses(one, known, service.boot_id))
    return GpuTable(
        at=at,
        cards=tuple(
            Card(
                uuid=one.uuid,
                index=one.index,
                used_bytes=one.memory_used_bytes,
                utilization=one.utilization_ratio,
            )
            for one in cards
        ),
        uses=tuple(uses),
    )


def to_end(table: GpuTable) -> tuple[Identity, ...]:
    """Return whom freeing the memory ends, each once, in order.

    One whose owner or start could not be seen is left out: the gate
    `identity` refuses for it.
    """
    return tuple(sorted({u.identity for u in table.ours if u.identity}))


def ends_the_server(table: GpuTable) -> bool:
    """Return whether the process that serves is among them.

    Then it is started again, and a new one has to be proved. A stray that
    serves is none that its manager would start.
    """
    return any(
        one.whose is Whose.SERVICE
        and one.identity is not None
        and one.identity.is_server
        for one in table.uses
    )


def notes(table: GpuTable) -> tuple[str, ...]:
    """Return what is left alone, a sentence each: other people's work."""
    index = {one.uuid: one.index for one in table.cards}
    return tuple(
        f"left alone on GPU {index[one.uuid]}: process {one.pid}"
        f" ({program(one.name)}), {held(one)}"
        for one in table.others
    )


def held(use: GpuUse) -> str:
    """Return how much a process holds, in words."""
    if use.memory_bytes is None:
        return "which holds an amount that the driver does not tell"
    return f"which holds {size(use.memory_bytes)}"


def program(name: str) -> str:
    """Return the name of a program alone; its arguments are private."""
    words = name.split()
    last = words[0].rpartition("/")[2] if words else ""
    return quote(last) or "no name"


def _is_named(gpu: Gpu, named: Sequence[int | str]) -> bool:
    return not named or gpu.index in named or gpu.uuid in named


def _known(service: ServiceReading) -> _Known:
    """Return the living processes of the server, its own before strays."""
    strays = ((Whose.STRAY, one) for one in service.strays or ())
    own = ((Whose.SERVICE, one) for one in service.processes)
    return {
        one.pid: (whose, one)
        for whose, one in (*strays, *own)
        if one.state not in DEAD
    }


def _uses(gpu: Gpu, known: _Known, boot_id: str) -> Iterator[GpuUse]:
    """Yield each process once, with all that it holds on the card."""
    by_pid: dict[int, list[GpuProcess]] = {}
    for one in gpu.processes:
        by_pid.setdefault(one.pid, []).append(one)
    for pid, entries in by_pid.items():
        whose, process = known.get(pid, (Whose.OTHER, None))
        yield GpuUse(
            uuid=gpu.uuid,
            pid=pid,
            name=entries[0].name,
            whose=whose,
            memory_bytes=_sum(entries),
            identity=identity_of(boot_id, process) if process else None,
        )


def _sum(entries: Sequence[GpuProcess]) -> int | None:
    """Return what they hold together, None where a part is not told."""
    total = 0
    for one in entries:
        if one.memory_bytes is None:
            return None
        total += one.memory_bytes
    return total
