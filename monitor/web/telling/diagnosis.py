"""Diagnoses on the wire."""

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.diagnosis.paging import Page
from monitor.schemas import diagnosis as wire
from monitor.schemas.wire import utc
from monitor.web.telling.checks import age


def tell_diagnosis(one: Diagnosis, now: float) -> wire.Diagnosis:
    """Return a diagnosis with its evidence."""
    return wire.Diagnosis(
        **dict(_in_short(one)),
        health=one.health,
        evidence=tuple(_evidence(fact, now) for fact in one.facts),
        unknown=one.unknown,
        also=one.also,
        advice=one.advice,
        runbook=one.runbook,
    )


def tell_of_target(one: Diagnosis, page: Page | None) -> wire.TargetDiagnosis:
    """Return a diagnosis, and whether anybody is told."""
    return wire.TargetDiagnosis(**dict(_in_short(one)), page=_state(page))


def tell_of_target_in_full(
    one: Diagnosis, page: Page | None, now: float
) -> wire.TargetDiagnosisInFull:
    """Return a diagnosis with its evidence, and who is told."""
    return wire.TargetDiagnosisInFull(
        **dict(tell_diagnosis(one, now)),
        page=_state(page),
        withheld_because=page.withheld_because if page else "",
    )


def _in_short(one: Diagnosis) -> wire.DiagnosisInShort:
    return wire.DiagnosisInShort(
        cause=one.cause,
        severity=one.severity,
        since=utc(one.since),
        because=one.because,
        remedies=one.remedies,
    )


def _state(page: Page | None) -> wire.PageState:
    if page is None:
        return wire.PageState.NONE
    told, withheld = wire.PageState.TOLD, wire.PageState.WITHHELD
    return told if page.is_told else withheld


def _evidence(fact: Fact, now: float) -> wire.Evidence:
    return wire.Evidence(
        kind=fact.key.kind,
        subject=fact.key.subject,
        check=fact.key.check,
        because=fact.because,
        at=utc(fact.at),
        age_seconds=age(fact.at, now),
    )
