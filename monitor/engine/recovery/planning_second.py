"""The second vantage: whether what was seen just now still says sick.

The first look is the one that the diagnosis rests on. The second is taken
when somebody wants to act: from us, and from the host itself.
"""

from collections.abc import Iterable

from monitor.domain.diagnosis.case import Look
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.health import BAD, Health
from monitor.domain.observation import Observation
from monitor.domain.recovery.situation import SecondLook

ANSWERS = frozenset({"status", "network", "process"})
"""Checks that say whether a server is there at all. A good answer of the
status now outweighs them; what canaries, logs and GPUs say it does not."""


def second_look(
    status: Observation | None,
    process: Observation | None,
    *,
    was_well: bool,
    still: tuple[Fact, ...],
    recalled: bool = False,
) -> SecondLook:
    """Return what was seen just now, against what was believed before.

    `was_well`: the status was believed to be well before these looks, so
    that the diagnosis does not rest on it. `still` are the facts from
    elsewhere (`elsewhere`) whose checks are fresh. A diagnosis that is only
    `recalled` has none yet.
    """
    if status is not None and status.health in BAD:
        return _sick(f"a look at its status just now says: {status.because}")
    rests_elsewhere = was_well and bool(still)
    answers = status is not None and status.health is Health.HEALTHY
    if status is not None and answers and recalled:
        return SecondLook(
            agrees=None,
            because=f"it answers just now ({status.because}), and what was"
            " ill before this monitor was started was not looked at again yet",
            is_early=True,
        )
    if status is not None and answers and not rests_elsewhere:
        return SecondLook(
            agrees=False, because=f"it answers just now: {status.because}"
        )
    if process is not None and process.health in BAD:
        return _sick(f"its host says just now: {process.because}")
    if rests_elsewhere:
        return _sick(
            f"its status says nothing against it, and {still[0].key.label}"
            f" still says: {still[0].because}"
        )
    return SecondLook(agrees=None, because=_nobody(status, process))


def elsewhere(diagnosis: Diagnosis | None) -> Iterable[Fact]:
    """Yield the facts that a good answer of the status does not outweigh."""
    for fact in diagnosis.facts if diagnosis else ():
        if fact.key.check not in ANSWERS:
            yield fact


def is_well(status: Look | None) -> bool:
    """Return whether a status was believed to be well."""
    return status is not None and status.is_well


def _sick(because: str) -> SecondLook:
    return SecondLook(agrees=True, because=because)


def _nobody(status: Observation | None, process: Observation | None) -> str:
    told = [
        f"{one.key.label}: {one.because}"
        for one in (status, process)
        if one is not None
    ]
    if not told:
        return "nobody could look at it just now"
    return f"nobody could tell just now ({'; '.join(told)})"
