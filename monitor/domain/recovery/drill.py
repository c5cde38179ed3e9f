"""A drill: an incident rehearsed on one server, with nothing done to it."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action


class Would(StrEnum):
    """What `recover` would do at a rung, were this server sick now."""

    RUN = "run"
    WAIT = "wait"
    REFUSE = "refuse"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One rung: what would be done, by which gates, and by hand else.

    `gates` are as of now, those of a well server included: `would` leaves
    out the ones that refuse only because nothing is wrong.
    """

    action: Action
    would: Would
    because: str
    gates: tuple[Verdict, ...] = ()
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One thing that was really tried; `passed` is None where it could not.

    `what` is a short name such as "acting gate of gpu1".
    """

    what: str
    passed: bool | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What was found, as of the Unix time `at`; `cause` is the diagnosis."""

    target: str
    at: float
    cause: str
    exercises: tuple[Exercise, ...]
    rungs: tuple[Rehearsed, ...]
