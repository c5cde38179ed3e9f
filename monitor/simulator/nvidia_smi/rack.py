"""The cards of a host and how they live on from one look to the next."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from monitor.simulator.faults import Faults
from monitor.simulator.nvidia_smi.card import (
    GUEST,
    ODDITIES,
    Card,
    Load,
    Occupant,
    after,
    at_rest,
    make_cards,
)
from monitor.simulator.nvidia_smi.failures import lost_index
from monitor.simulator.nvidia_smi.query import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the processes of a host do with its GPUs.

    `running` names the job that runs now, empty for none; jobs ran for
    `busy` seconds since the host is there. `server` is FaceFusion's pid,
    None while it is not alive; `stranger` holds memory of the last card.
    `leaked` are MiB that FaceFusion holds and does not need.
    """

    running: str = ""
    busy: float = 0.0
    server: int | None = None
    stranger: Occupant | None = None
    leaked: float = 0.0


Working = Callable[[], Work]


class Rack:
    """The cards of one host. May be looked at from any thread."""

    def __init__(
        self, host: str, gpus: int, faults: Faults, working: Working
    ) -> None:
        self.cards = make_cards(host, gpus)
        self._faults = faults
        self._working = working
        self._lock = threading.Lock()
        self._vitals = {card: at_rest() for card in self.cards}
        self._looked: tuple[float, float] | None = None

    def look(self, now: float) -> Seen:
        """Return the cards that answer at `now`, a monotonic time."""
        with self._lock:
            self._live_on(now)
            lost = self.lost()
            return [
                (card, vitals)
                for card, vitals in self._vitals.items()
                if card != lost
            ]

    def lost(self) -> Card | None:
        """Return the card that has fallen off the bus, if one has."""
        index = lost_index(self._faults)
        if index is None:
            return None
        return self.cards[min(index, len(self.cards) - 1)]

    def _live_on(self, now: float) -> None:
        work = self._working()
        since, was_busy = self._looked or (now, work.busy)
        seconds = now - since
        share = (work.busy - was_busy) / seconds if seconds > 0 else 0.0
        share = min(max(share, 0.0), 1.0)
        for card, before in self._vitals.items():
            load = self._load(card, work, share)
            self._vitals[card] = after(
                card, before, load, seconds=max(0.0, seconds), now=now
            )
        self._looked = (now, work.busy)

    def _load(self, card: Card, work: Work, share: float) -> Load:
        last = card == self.cards[-1]
        stranger = work.stranger if last else None
        if not card.serves:
            return Load(stranger=stranger)
        faults = self._faults
        alive = work.server is not None and not faults.is_on("cpu_fallback")
        return Load(
            running=work.running if alive else "",
            share=share if alive else 0.0,
            server=work.server if alive else None,
            stranger=stranger,
            guest=GUEST if faults.is_on("second_user") else None,
            leaked=round(work.leaked),
            is_full=faults.is_on("out_of_memory"),
            is_hot=faults.is_on("thermal_throttle"),
            oddities=frozenset(filter(faults.is_on, ODDITIES)),
        )
