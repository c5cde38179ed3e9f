"""When a new diagnosis is believed: not before its evidence is in.

A fault shows in one check first and in the deeper one a second later. Who
named the first would page twice for one fault, and once wrongly. So a change
waits, for a bounded time, until the checks that it rests on are sure, what
it wants has been looked at, and the others have had their chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import CAUSES, NONE, Severity
from monitor.domain.diagnosis.diagnose import (
    UNEXPLAINED,
    certainly,
    diagnose,
)
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey

SETTLE = 3.0
"""Seconds that the checks beside the evidence get: a look over SSH takes
milliseconds, one at a slow driver seconds."""
DOUBT = 30.0
"""Seconds that a change waits for evidence in doubt: ten confirmations."""
NO_DATA_WARNS = 600.0
"""Seconds after which missing data are a warning (DESIGN §4.6)."""
NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The diagnosis in force, and since when the evidence says another.

    `differs_since` is a Unix time in seconds, None while it agrees.
    """

    diagnosis: Diagnosis
    differs_since: float | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the evidence agrees with the diagnosis in force."""
        return self.differs_since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What following came to.

    `before` is the diagnosis that this one took the place of, None when the
    one in force stays. `wants` are checks to look at as soon as possible.
    """

    standing: Standing
    before: Diagnosis | None = None
    wants: frozenset[CheckKey] = frozenset()


def follow(standing: Standing, case: Case) -> Step:
    """Return the standing after the evidence was weighed again."""
    fresh, held = diagnose(case), standing.diagnosis
    if _same(fresh, held):
        return _go_on(standing, fresh)
    began = standing.differs_since
    if began is None or began > case.now:  # the clock was set back since
        began = case.now
    wants = frozenset(_open(fresh, case, began))
    if wants and case.now - began < DOUBT:
        waiting = replace(standing, differs_since=began)
        return Step(standing=waiting, wants=wants)
    fresh = certainly(case)
    if _same(fresh, held):
        return _go_on(standing, fresh)
    return Step(standing=Standing(diagnosis=_aged(fresh)), before=held)


def _same(one: Diagnosis, other: Diagnosis) -> bool:
    return (one.cause, one.health) == (other.cause, other.health) and (
        not one.wants
    )


def _go_on(standing: Standing, fresh: Diagnosis) -> Step:
    """Take over newer words and evidence; the beginning stays."""
    held = standing.diagnosis
    since = min(held.since, fresh.at)  # the clock may have been set back
    now = _aged(replace(fresh, since=since, wants=()))
    before = held if now.severity is not held.severity else None
    return Step(standing=Standing(diagnosis=now), before=before)


def _aged(diagnosis: Diagnosis) -> Diagnosis:
    """Return it with the severity that its age gives it."""
    if diagnosis.cause != NO_DATA:
        return diagnosis
    old = diagnosis.at - diagnosis.since >= NO_DATA_WARNS
    usual = CAUSES[NO_DATA].severity
    severity = Severity.WARNING if old else usual
    return replace(diagnosis, severity=severity)


def _open(fresh: Diagnosis, case: Case, began: float) -> Iterator[CheckKey]:
    """Yield what has to be looked at before a change is believed."""
    if fresh.cause in {NONE, NO_DATA}:
        return
    looks = {**case.host, **case.looks}
    resting = {one.key for one in fresh.facts}
    settles = case.now - began < SETTLE
    for name, look in looks.items():
        rests = look.key in resting or fresh.cause == UNEXPLAINED
        is_doubted = look.in_doubt and (rests or _may_be_deeper(look, case))
        is_owed = settles and _is_owed(look, began)
        if name in fresh.wants or is_doubted or is_owed:
            yield look.key


def _may_be_deeper(look: Look, case: Case) -> bool:
    """Return whether its machine was just seen to be down, or a GPU bad."""
    shown = look.seen.health if look.seen else Health.HEALTHY
    if look is case.gpu:
        return shown is not Health.HEALTHY
    return look is case.machine and shown is Health.UNHEALTHY


def _is_owed(look: Look, began: float) -> bool:
    """Return whether a check has not been looked at since a change began.

    Canaries are not waited for: they take a GPU's time, and minutes.
    """
    if look.probe == "canary" or look.seen is None:
        return False
    return look.seen.at + look.seen.duration < began
