"""A check: one scheduled look, a probe with its settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from monitor.domain.cadence import stale_after
from monitor.domain.health import Health
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
    `deadline` bounds the whole look, cleaning up included, and `overdue` is
    what a look suggests that did not end by then: unknown where it is not
    the server itself that is late. Checks of one
    `lane` never run at the same time; an empty lane is everybody's own.
    `labels` are the labels that its series have beside the target or host,
    `benchmark` the (low, high) seconds of a canary: both are known before
    anything was seen.
    """

    key: CheckKey
    kind: str
    probe: Probe = field(repr=False)
    interval: float
    timeout: float
    deadline: float
    overdue: Health = Health.UNHEALTHY
    patience: Patience = field(default_factory=Patience)
    lane: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    benchmark: tuple[float, float] | None = None

    @property
    def stale_after(self) -> float:
        """Return the age in seconds at which its reading is no fact."""
        return stale_after(self.interval, self.timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why a run that was due is held back: one word, and a sentence."""

    reason: str
    because: str


Hold = Callable[[Check], Held | None]
"""Asked before every scheduled look; None lets it run."""


def never_held(_: Check) -> None:
    """Let every look run."""


def never_planned(_: CheckKey) -> bool:
    """Know of no maintenance."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a watch asks others before and after a look.

    `hold` may hold a scheduled run back; `planned` says whether what a
    check looks at is in maintenance.
    """

    hold: Hold = never_held
    planned: Callable[[CheckKey], bool] = never_planned
