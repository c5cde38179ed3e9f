"""The log of what alerts and diagnoses set off."""

from collections.abc import Callable
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitor.domain.alerts.alert import Outcome
from monitor.domain.quote import quote
from monitor.engine.events import AlertsTold, CauseTold
from monitor.outputs.log_recovery import LONGEST

_QUIET = frozenset({Outcome.DUPLICATE, Outcome.RESOLVED, Outcome.NO_RULE})
"""What comes all the time, and asks nothing of us."""
_GOOD = frozenset({Outcome.APPLIED, Outcome.PLANNED})


def alerts_told(log: FilteringBoundLogger, event: AlertsTold) -> None:
    """Write what came of an alert, and of many at once how many."""
    alert = event.alert
    if alert is None:
        log.debug(
            "alerts received", outcome=event.outcome.value, count=event.count
        )
        return
    _level(log, event.outcome)(
        f"alert {event.outcome.value}",
        alert=quote(alert.name),
        target=quote(alert.target),
        fingerprint=alert.fingerprint,
        receiver=quote(alert.receiver),
        outcome=event.outcome.value,
        because=quote(event.because, LONGEST),
    )


def cause_told(log: FilteringBoundLogger, event: CauseTold) -> None:
    """Write what a diagnosis set off."""
    _level(log, event.outcome)(
        f"{event.target}: automation {event.outcome.value}",
        target=event.target,
        cause=event.cause,
        outcome=event.outcome.value,
        because=quote(event.because, LONGEST),
    )


def _level(log: FilteringBoundLogger, outcome: Outcome) -> Callable[..., Any]:
    if outcome in _QUIET:
        return log.debug
    return log.info if outcome in _GOOD else log.warning
