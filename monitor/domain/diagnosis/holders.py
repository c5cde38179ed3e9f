"""Who holds the memory of the cards that a server uses."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.diagnosis.case import Case
from monitor.domain.gpu.reading import Gpu
from monitor.domain.machine.words import size

_OTHER = "other"
"""The owner of what belongs to no target of ours (`GpuReading.owners`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """Bytes that a server holds, and those that others do; and in words."""

    own: int = 0
    others: int = 0
    words: str = "who holds it is not known"

    @property
    def is_own(self) -> bool:
        """Whether it holds as much as all others together, or more."""
        return self.own > 0 and self.own >= self.others


def holders(case: Case) -> Holders:
    """Return who holds memory now, as far as the last look could tell."""
    reading = case.gpu_reading
    cards = case.memory.cards.used(case.target, reading)
    if reading is None or not cards:
        return Holders()
    uuids = {gpu.uuid for gpu in cards}
    held = Counter[str]()
    for uuid, owner, count in reading.owners:
        if uuid in uuids:
            held[owner] += count
    own = held.pop(case.target.name, 0)
    return Holders(
        own=own,
        others=held.total(),
        words="; ".join(
            (*map(_room, cards), _told(case.target.name, own, held))
        ),
    )


def _room(gpu: Gpu) -> str:
    free, total = gpu.memory_free_bytes, gpu.memory_total_bytes
    if free is None or total is None:
        return f"GPU {gpu.index}: how much is free is not known"
    return f"GPU {gpu.index}: {size(free)} of {size(total)} free"


def _told(name: str, own: int, others: Counter[str]) -> str:
    told = list(_shares(name, own, others))
    return f"held by {', '.join(told)}" if told else "by whom is not known"


def _shares(name: str, own: int, others: Counter[str]) -> Iterator[str]:
    if own:
        yield f"{name} itself with {size(own)}"
    for owner, count in sorted(others.items(), key=lambda one: -one[1]):
        who = "programs that are none of ours" if owner == _OTHER else owner
        yield f"{who} with {size(count)}"
