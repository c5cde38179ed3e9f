"""Changed diagnoses and pages, as rows and back."""

import json

import sqlalchemy as sa

from monitor.adapters.store.keys import key_of, key_row
from monitor.adapters.store.moments import What
from monitor.adapters.store.texts import (
    clean,
    number,
    optional,
    sentence,
    text,
)
from monitor.domain.diagnosis.cause import CAUSES, Remedy, Severity
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.health import Health
from monitor.domain.history import DIAGNOSIS
from monitor.domain.observation import CheckKey, Kind


def diagnosis_row(record: DiagnosisRecord) -> dict[str, object]:
    """Return the moment of a changed diagnosis."""
    key = CheckKey(kind=Kind.TARGET, subject=record.target, check=DIAGNOSIS)
    return {
        **key_row(key),
        "what": What.DIAGNOSIS.value,
        "at": record.at,
        "health": record.health.value,
        "because": sentence(record.because),
        "reason": record.cause,
        "before": record.before_health.value,
        "maintenance": record.maintenance,
        "was": record.before,
        "severity": record.severity.value,
        "url": clean(record.url),
    }


def diagnosis_of(row: sa.RowMapping) -> DiagnosisRecord:
    """Return the diagnosis of a row. Raises `ValueError` or the like.

    A cause that this release does not know raises `KeyError`: who goes on
    from it would not know what it means.
    """
    return DiagnosisRecord(
        target=key_of(row).subject,
        at=number(row["at"]),
        cause=CAUSES[text(row["reason"])].word,
        health=Health(row["health"]),
        severity=Severity(row["severity"]),
        because=text(row["because"]),
        before=text(row["was"]),
        before_health=Health(row["before"]),
        maintenance=bool(row["maintenance"]),
        url=text(row["url"]),
    )


def page_row(record: PageRecord) -> dict[str, object]:
    """Return the row of a page, without its id."""
    return {
        "target": clean(record.target),
        "at": record.at,
        "host": clean(record.host),
        "cause": record.cause,
        "severity": record.severity.value,
        "because": sentence(record.because),
        "remedies": json.dumps([one.value for one in record.remedies]),
        "withheld": clean(record.withheld),
        "withheld_because": sentence(record.withheld_because),
        "ended_at": record.ended_at,
    }


def page_of(row: sa.RowMapping) -> PageRecord:
    """Return the page of a row. Raises `ValueError` or the like."""
    return PageRecord(
        id=int(row["id"]),
        target=text(row["target"]),
        at=number(row["at"]),
        host=text(row["host"]),
        cause=CAUSES[text(row["cause"])].word,
        severity=Severity(row["severity"]),
        because=text(row["because"]),
        remedies=tuple(map(Remedy, json.loads(text(row["remedies"])))),
        withheld=text(row["withheld"]),
        withheld_because=text(row["withheld_because"]),
        ended_at=optional(row["ended_at"]),
    )
