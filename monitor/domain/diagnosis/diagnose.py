"""diagnose(): the deepest cause that explains the evidence."""

from itertools import chain

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.cause import CAUSES, NONE, depth
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.gaps import unknowns
from monitor.domain.diagnosis.rules import RULES
from monitor.domain.health import Health


def diagnose(case: Case) -> Diagnosis:
    """Return one diagnosis for any case; the same for the same evidence.

    The deepest finding counts; of two of one cause the certain, then the
    worse, then the one with more evidence.
    """
    return _weigh(case, _findings(case))


def certainly(case: Case) -> Diagnosis:
    """Return the diagnosis without what wants another look."""
    return _weigh(case, [one for one in _findings(case) if not one.wants])


def _findings(case: Case) -> list[Finding]:
    return list(chain.from_iterable(rule(case) for rule in RULES))


def _weigh(case: Case, findings: list[Finding]) -> Diagnosis:
    found = sorted(findings, key=_order)
    if not found:
        return made_of(_WELL, case.now, unknown=unknowns(case))
    deepest = found[0]
    also = dict.fromkeys(
        one.cause
        for one in found[1:]
        if one.cause not in {deepest.cause, UNEXPLAINED}
    )
    return made_of(deepest, case.now, also=tuple(also), unknown=unknowns(case))


UNEXPLAINED = "unexplained"
"""Holds wherever something is bad: beside a cause it says nothing."""
_WELL = Finding(cause=NONE, because="nothing is wrong")


_WORST_FIRST = (
    Health.UNHEALTHY,
    Health.DEGRADED,
    Health.UNKNOWN,
    Health.HEALTHY,
)


def _order(found: Finding) -> tuple[int, bool, int, int, str]:
    return (
        depth(found.cause),
        bool(found.wants),
        _WORST_FIRST.index(found.health or CAUSES[found.cause].health),
        -len(found.facts),
        found.because,
    )
