"""The log: said once when it breaks, once when it heals."""

import logging
import sys
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from monitor.domain.diagnosis.cause import Severity
from monitor.domain.health import Health
from monitor.domain.history import DIAGNOSIS
from monitor.engine.events import (
    AlertsTold,
    Audited,
    Broke,
    CauseTold,
    ChangeTold,
    Diagnosed,
    Event,
    Forgot,
    Looked,
    Paged,
    PageEnded,
    PlanTold,
    Reported,
    Rewired,
    Skipped,
    Started,
)
from monitor.outputs.log_automation import alerts_told, cause_told
from monitor.outputs.log_recovery import audited, changed, planned

Level = Literal["debug", "info", "warning", "error"]


class StandardError:
    """Standard error as it is now; it takes any text and never raises.

    A lone surrogate is shown as it would be escaped. Where standard error
    is closed, full or gone nobody can be told, and the watch goes on.
    """

    def write(self, text: str) -> None:
        """Write what can be written."""
        stream: TextIO | None = sys.stderr  # None in a detached process
        if stream is None:
            return
        coding = stream.encoding or "utf-8"
        shown = text.encode(coding, "backslashreplace").decode(coding)
        with suppress(OSError, ValueError):
            stream.write(shown)

    def flush(self) -> None:
        """Let it out now: a log is read while things go wrong."""
        if sys.stderr is not None:
            with suppress(OSError, ValueError):
                sys.stderr.flush()


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
        logger_factory=structlog.PrintLoggerFactory(
            cast("TextIO", StandardError())
        ),
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
    """Write an event as one line, or none; never raises."""
    with suppress(Exception):  # there is nobody left to tell
        _heard(get(), event)


def _heard(log: FilteringBoundLogger, event: Event) -> None:
    match event:
        case Looked():
            _looked(log, event)
        case Skipped():
            _skipped(log, event)
        case Started():
            _started(log, event)
        case Forgot():
            label = event.key.label
            log.error("not stored", check=label, because=event.because)
        case Broke():
            _broke(log, event)
        case Rewired():
            pass  # who reloads says what is in force
        case Reported():
            log.info(
                "reported",
                host=event.host,
                target=event.target,
                kind=event.kind,
                because=event.because,
            )
        case _:
            _concluded(log, event)


def _concluded(
    log: FilteringBoundLogger,
    event: Diagnosed
    | Paged
    | PageEnded
    | PlanTold
    | ChangeTold
    | Audited
    | AlertsTold
    | CauseTold,
) -> None:
    """Write what we made of it, and what was done about it."""
    match event:
        case Diagnosed():
            _diagnosed(log, event)
        case Paged() | PageEnded():
            _paged(log, event)
        case PlanTold():
            planned(log, event)
        case ChangeTold():
            changed(log, event)
        case Audited():
            audited(log, event)
        case AlertsTold():
            alerts_told(log, event)
        case CauseTold():
            cause_told(log, event)


def _diagnosed(log: FilteringBoundLogger, event: Diagnosed) -> None:
    after = event.after
    is_told = after.severity is not Severity.INFO
    said = "nothing is wrong" if after.is_well else after.cause
    (log.warning if is_told else log.info)(
        f"{event.target}: {said}",
        target=event.target,
        cause=after.cause,
        was=event.before.cause,
        health=after.health.value,
        severity=after.severity.value,
        because=after.because,
    )


def _paged(log: FilteringBoundLogger, event: Paged | PageEnded) -> None:
    page = event.page
    if isinstance(event, PageEnded):
        log.info("page ended", target=page.target, cause=page.cause)
        return
    (log.warning if page.is_told else log.info)(
        "page began" if page.is_told else "page withheld",
        target=page.target,
        cause=page.cause,
        severity=page.severity.value,
        because=page.withheld_because or page.because,
    )


def _skipped(log: FilteringBoundLogger, event: Skipped) -> None:
    log.info(
        "skipped",
        check=event.check.key.label,
        reason=event.reason,
        because=event.because or event.reason,
    )


def _started(log: FilteringBoundLogger, event: Started) -> None:
    if event.missed:
        label = event.check.key.label
        log.warning("missed runs", check=label, runs=event.missed)


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
    is_ours = event.key.check == DIAGNOSIS
    log.error(
        "a diagnosis broke; please report this"
        if is_ours
        else "a probe broke; please report this",
        check=event.key.label,
        exc_info=event.error,
    )
