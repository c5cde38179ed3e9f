"""What one look alone cannot show: the memory behind a diagnosis.

Each memo is learnt from observations as they come and is bounded. It is
about one server; looks at its machine's GPUs are learnt from too.
"""

from dataclasses import dataclass, field, replace

from monitor.domain.diagnosis.memory.cards import Cards
from monitor.domain.diagnosis.memory.finished import Finished
from monitor.domain.diagnosis.memory.floor import Floors
from monitor.domain.diagnosis.memory.heat import Heat
from monitor.domain.diagnosis.memory.last_words import LastWords
from monitor.domain.diagnosis.memory.outage import Outage
from monitor.domain.diagnosis.memory.pressure import Pressure
from monitor.domain.diagnosis.memory.queue import Queue
from monitor.domain.diagnosis.memory.work import Work
from monitor.domain.fleet import Target
from monitor.domain.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one server."""

    work: Work = field(default_factory=Work)
    finished: Finished = field(default_factory=Finished)
    queue: Queue = field(default_factory=Queue)
    floors: Floors = field(default_factory=Floors)
    heat: Heat = field(default_factory=Heat)
    cards: Cards = field(default_factory=Cards)
    pressure: Pressure = field(default_factory=Pressure)
    last_words: LastWords = field(default_factory=LastWords)
    outage: Outage = field(default_factory=Outage)


NOTHING = Memory()


def learn(memory: Memory, target: Target, seen: Observation) -> Memory:
    """Return the memory after a look at the server or at its machine."""
    return replace(
        memory,
        work=memory.work.learn(seen),
        finished=memory.finished.learn(seen),
        queue=memory.queue.learn(target, seen),
        floors=memory.floors.learn(target, seen),
        heat=memory.heat.learn(target, seen, memory.cards),
        cards=memory.cards.learn(seen),
        pressure=memory.pressure.learn(target, seen),
        last_words=memory.last_words.learn(seen),
        outage=memory.outage.learn(seen),
    )
