"""A check: one scheduled look, a probe with its settings."""

from dataclasses import dataclass, field
from typing import Protocol

from monitor.domain.cadence import stale_after
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Observation


class Probe(Protocol):
    """Something that can look once."""

    async def look(self) -> Observation:
        """Look once and say what was seen, whatever happens."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One scheduled look.

    Times are in seconds. `timeout` is what the probe allows the other side;
    `deadline` bounds the whole look, cleaning up included. Checks of one
    `lane` never run at the same time; an empty lane is everybody's own.
    """

    key: CheckKey
    kind: str
    probe: Probe = field(repr=False)
    interval: float
    timeout: float
    deadline: float
    patience: Patience = field(default_factory=Patience)
    lane: str = ""

    @property
    def stale_after(self) -> float:
        """Return the age in seconds at which its reading is no fact."""
        return stale_after(self.interval, self.timeout)
