"""The second ways to a server: its backend, and users' browsers.

They say something only while the server itself is well. How long a backend
takes is no fault of theirs, as long as it answers.
"""

from collections.abc import Iterator

from monitor.domain.canary.reading import CanaryReading, Operation
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact, last

_OF_TIME = frozenset({"slow", "too_fast"})


def backend_disagrees(case: Case) -> Iterator[Finding]:
    """Find a server that is well, and not through its backend."""
    status, backend = case.status, case.backend
    if status is None or not status.is_well:
        return
    if backend is not None and backend.is_bad:
        yield _disagrees(status, backend)
        return
    yield from (
        _disagrees(status, one)
        for one in case.canaries()
        if _failed_through_backend(one)
    )


def browsers(case: Case) -> Iterator[Finding]:
    """Find pages that may not call a server that is well."""
    status, browser = case.status, case.browser
    if status is None or not status.is_well or browser is None:
        return
    if browser.is_bad and browser.reason in {"mixed_content", "cors_blocked"}:
        yield Finding(
            cause=browser.reason,
            because=browser.grounds.because if browser.grounds else "",
            facts=(*fact(browser), *last(status)),
        )


def _disagrees(status: Look, other: Look) -> Finding:
    said = other.grounds.because if other.grounds else ""
    return Finding(
        cause="backend_disagrees",
        because=f"the server answers us, but {other.key.check}: {said}",
        facts=(*fact(other), *last(status)),
    )


def _failed_through_backend(look: Look) -> bool:
    """Return whether a batch failed that nobody else is to blame for.

    Its outputs that were seen and are bad make it unhealthy instead.
    """
    reading = look.grounds.reading if look.grounds else None
    return (
        look.is_bad
        and not look.is_down
        and look.reason not in _OF_TIME
        and isinstance(reading, CanaryReading)
        and reading.operation is Operation.BATCH
    )


RULES: tuple[Rule, ...] = (backend_disagrees, browsers)
