"""What is left when nothing else explains the evidence."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact
from monitor.domain.diagnosis.rules.batches import is_the_backends
from monitor.domain.diagnosis.rules.reach import is_past
from monitor.domain.health import Health

_NO_FAULT = frozenset({"jobs", "logs"})
"""A line in a log and a job that failed may be a user's own mistake."""
_WORST_FIRST = {Health.UNHEALTHY: 0, Health.DEGRADED: 1}


def _unexplained(case: Case) -> Iterator[Finding]:
    """Something of its own is bad; deeper causes explain what they can."""
    bad = sorted(_bad(case), key=_rank)
    if bad:
        yield Finding(
            cause="unexplained",
            because="no known cause fits: " + "; ".join(map(_words, bad)),
            facts=tuple(one for look in bad for one in fact(look)),
            health=bad[0].health,
        )


def _bad(case: Case) -> Iterator[Look]:
    for look in case.looks.values():
        seen = look.grounds
        if not look.is_bad or seen is None or look.probe in _NO_FAULT:
            continue
        if not is_past(case, seen) and not is_the_backends(case, look):
            yield look


def _rank(look: Look) -> tuple[int, str]:
    return _WORST_FIRST[look.health], look.key.check


def _words(look: Look) -> str:
    told = look.grounds.because if look.grounds else ""
    return f"{look.key.check} is {look.health.value}: {told}"


def _no_data(case: Case) -> Iterator[Finding]:
    """Good canaries cannot vouch for a server whose status nobody knows."""
    status = case.status
    if status is None:
        because = "its status is not looked at"
    elif status.is_well or status.is_bad:
        return
    elif status.seen is None:
        because = "nothing fresh is known of its status"
    else:
        because = f"its status cannot be told: {status.seen.because}"
    yield Finding(
        cause="no_data",
        because=because,
        facts=fact(status) if status is not None else (),
    )


RULES: tuple[Rule, ...] = (_unexplained, _no_data)
