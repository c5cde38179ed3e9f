"""Diagnoses and pages as they are kept."""

from dataclasses import dataclass

from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisRecord:
    """A diagnosis took the place of another, at a Unix time in seconds.

    `before` is the cause until then and `before_health` its health.
    `maintenance` says that it fell into planned work. `url` is where the
    server was.
    """

    target: str
    at: float
    cause: str
    health: Health
    severity: Severity
    because: str
    before: str
    before_health: Health
    maintenance: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """A page, or what would have been one; see `paging.Page`.

    It is known by its server and when it began. `id` counts up, 0 for one
    that was not stored yet. `ended_at` is None while it holds.
    """

    target: str
    at: float
    host: str
    cause: str
    severity: Severity
    because: str
    remedies: tuple[Remedy, ...] = ()
    withheld: str = ""
    withheld_because: str = ""
    ended_at: float | None = None
    id: int = 0
