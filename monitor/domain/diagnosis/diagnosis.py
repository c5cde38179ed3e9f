"""The diagnosis: what all evidence about one server means."""

from dataclasses import dataclass

from monitor.domain.diagnosis.cause import CAUSES, NONE, Remedy, Severity
from monitor.domain.diagnosis.finding import Fact, Finding
from monitor.domain.health import Health

_USUAL = {
    Health.UNHEALTHY: Severity.CRITICAL,
    Health.DEGRADED: Severity.WARNING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One cause for one server, `none` where nothing is wrong.

    `at` is the Unix time in seconds of the weighing, `since` when the cause
    was first believed. `facts` speak for it, newest first. `unknown` says
    what could not be known, a sentence each. `also` are other causes that
    hold beside it, deepest first: what is left when this one is healed.
    `wants` names checks to look at again before it is certain. `recalled`:
    it was thought before a restart, and nothing was looked at since.
    """

    cause: str
    health: Health
    severity: Severity
    because: str
    at: float
    since: float
    facts: tuple[Fact, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    unknown: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    recalled: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return self.cause == NONE

    @property
    def advice(self) -> str:
        """What people do first."""
        return CAUSES[self.cause].advice

    @property
    def runbook(self) -> str:
        """The runbook's place in the repository."""
        return CAUSES[self.cause].runbook


def made_of(
    found: Finding,
    now: float,
    *,
    also: tuple[str, ...] = (),
    unknown: tuple[str, ...] = (),
) -> Diagnosis:
    """Return the diagnosis of a finding, as of the Unix time `now`.

    No remedy goes beyond the table, whatever the rule asked for.
    """
    row = CAUSES[found.cause]
    health = found.health or row.health
    wished = row.may if found.remedies is None else found.remedies
    return Diagnosis(
        cause=row.word,
        health=health,
        severity=found.severity or _severity(row.severity, row.health, health),
        because=found.because,
        at=now,
        since=now,
        facts=tuple(
            sorted(found.facts, key=lambda f: (-f.at, f.key, f.because))
        ),
        remedies=tuple(one for one in row.may if one in wished),
        unknown=unknown,
        also=also,
        wants=found.wants,
    )


def _severity(usual: Severity, row: Health, health: Health) -> Severity:
    """Return the table's severity; with another health, the usual for it."""
    return usual if health is row else _USUAL.get(health, usual)
