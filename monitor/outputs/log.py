"""The log: said once when it breaks, once when it heals."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from monitor.domain.health import Health
from monitor.engine.events import (
    Broke,
    Event,
    Forgot,
    Looked,
    Skipped,
    Started,
)

Level = Literal["debug", "info", "warning", "error"]


def set_up(level: Level, form: Literal["text", "json"]) -> None:
    """Send our log, and what libraries warn of, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_last(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(
        level=logging.WARNING, format="%(name)s: %(message)s", force=True
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _last(form: Literal["text", "json"]) -> list[Processor]:
    if form == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
    ]


def get() -> FilteringBoundLogger:
    """Return the logger."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def heard(event: Event) -> None:
    """Write an event as one line, or none."""
    log = get()
    if isinstance(event, Looked):
        _looked(log, event)
    elif isinstance(event, Skipped):
        log.info("skipped", check=event.check.key.label, because=event.reason)
    elif isinstance(event, Started):
        if event.missed:
            log.warning(
                "missed runs", check=event.check.key.label, runs=event.missed
            )
    elif isinstance(event, Forgot):
        log.error("not stored", check=event.key.label, because=event.because)
    else:
        _broke(log, event)


def _looked(log: FilteringBoundLogger, event: Looked) -> None:
    label, seen = event.check.key.label, event.seen
    log.debug(
        "looked",
        check=label,
        health=seen.health.value,
        because=seen.because,
        seconds=round(seen.duration, 3),
    )
    changed = event.changed
    if changed is None:
        return
    healed = changed.after is Health.HEALTHY
    (log.info if healed else log.warning)(
        f"{label} is {changed.after.value}",
        check=label,
        health=changed.after.value,
        was=changed.before.value,
        because=changed.because,
    )


def _broke(log: FilteringBoundLogger, event: Broke) -> None:
    log.error(
        "a probe broke; please report this",
        check=event.key.label,
        exc_info=event.error,
    )
