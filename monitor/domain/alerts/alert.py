"""An alert as Alertmanager tells it, as far as it counts here."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What came of an alert; each that is received has one."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    NO_RULE = "no_rule"
    NO_TARGET = "no_target"
    PLANNED = "planned"
    REFUSED = "refused"
    RESOLVED = "resolved"
    STALE = "stale"
    UNKNOWN_TARGET = "unknown_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of a notice.

    By `receiver`, `fingerprint` (of its labels, the same each time it fires)
    and `started` (`startsAt`, as it was written) it is known again, however
    often it is sent (facts/recovery.md §4.1). `name` and `target` are its
    labels `alertname` and `target`, empty without: they are compared with
    what is configured, and go nowhere else.
    """

    receiver: str
    fingerprint: str
    started: str
    is_firing: bool
    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An alert that waits to be worked off, since the Unix time `at`."""

    number: int
    alert: Alert
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of a received alert, and why in a sentence."""

    number: int
    outcome: Outcome
    because: str
