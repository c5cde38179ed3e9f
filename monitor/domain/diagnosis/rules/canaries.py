"""Jobs that are refused, that fail, or that come back wrong.

A job that we sent wrongly says nothing of the server, so no opinion changes
by it: such rules read the last look. Whether a server fails at jobs is not
told by one of them: two canaries say so, or one whose opinion is formed.
"""

from collections.abc import Callable, Iterator

from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.finding import Fact, Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.late import Run, excuse
from monitor.domain.diagnosis.rules.reach import is_past
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import suggested
from monitor.domain.observation import Observation

_FAILED = frozenset(
    {"processing_failed", "error_page", "bad_body", "unexpected_code"}
)
_NO_ANSWER = frozenset(
    {
        "timeout",
        "resolve",
        "refused",
        "unreachable",
        "reset",
        "tls",
        "protocol",
        "too_large",
        "closed",
    }
)
"""They say something of jobs only where the status is well."""
_ENOUGH = 2
"""Canaries that fail before it is the server (DESIGN §4.6)."""

_Test = Callable[[Observation], bool]


def input_rejected(case: Case) -> Iterator[Finding]:
    """Find canaries whose input the server refuses."""
    yield from _not_taken(case, "input_rejected", "canary_input_rejected")


def declined(case: Case) -> Iterator[Finding]:
    """Find canaries whose image the content analyser declines."""
    yield from _not_taken(case, "declined", "content_declined")


def processing_failed(case: Case) -> Iterator[Finding]:
    """Find a server that answers, and fails at its jobs."""
    answers = case.status is not None and case.status.is_well

    def fails(seen: Observation) -> bool:
        silent = answers and seen.reason in _NO_ANSWER
        return seen.reason in _FAILED or (silent and not is_past(case, seen))

    found = _by_server(case, fails)
    if not found:
        return
    if all(map(_timed_out, found)) and excuse(case, found):
        return
    yield Finding(
        cause="processing_failed",
        because=f"{_titles(found)} failed: {found[0][1].because}",
        facts=(*_facts(found), *_status(case), *_quoted(case)),
    )


def late(case: Case) -> Iterator[Finding]:
    """Find jobs of ours that only wait behind users' work."""
    bad = [
        (one, one.grounds)
        for one in case.canaries()
        if one.is_bad and one.grounds is not None
    ]
    if not bad or not all(map(_timed_out, bad)):
        return
    if doing := excuse(case, bad):
        yield Finding(
            cause="busy",
            because=f"{_titles(bad)} got no answer in time; the server is"
            f" busy: {doing}",
            facts=_facts(bad),
        )


def invalid_output(case: Case) -> Iterator[Finding]:
    """Find a server whose outputs are not what they must be."""
    found = _by_server(case, _is_invalid)
    if found:
        yield Finding(
            cause="invalid_output",
            because=f"{_titles(found)}: {found[0][1].because}",
            facts=_facts(found),
        )


def _not_taken(case: Case, reason: str, cause: str) -> Iterator[Finding]:
    found = [
        (one, one.seen)
        for one in case.canaries()
        if one.seen is not None and one.seen.reason == reason
    ]
    if found:
        yield Finding(
            cause=cause,
            because=f"{_titles(found)}: {found[0][1].because}",
            facts=_facts(found),
        )


def _by_server(case: Case, is_so: _Test) -> list[Run]:
    """Return the runs that show it, none where one run alone does."""
    formed = [
        (one, one.grounds)
        for one in case.canaries()
        if one.is_down and one.grounds is not None and is_so(one.grounds)
    ]
    names = {one.key for one, _ in formed}
    latest = [
        (one, one.seen)
        for one in case.canaries()
        if one.key not in names
        and one.seen is not None
        and one.seen.health is Health.UNHEALTHY
        and is_so(one.seen)
    ]
    found = [*formed, *latest]
    return found if formed or len(found) >= _ENOUGH else []


def _is_invalid(seen: Observation) -> bool:
    reading = seen.reading
    return (
        isinstance(reading, CanaryReading)
        and reading.result is Result.INVALID_OUTPUT
    )


def _timed_out(run: Run) -> bool:
    return run[1].reason == "timeout"


def _titles(found: list[Run]) -> str:
    return ", ".join(one.key.check for one, _ in found)


def _facts(found: list[Run]) -> tuple[Fact, ...]:
    return tuple(
        Fact(key=one.key, because=run.because, at=run.at) for one, run in found
    )


def _status(case: Case) -> tuple[Fact, ...]:
    """Return the status: while it is in doubt, so are failed jobs."""
    return fact(case.status) if case.status else ()


def _quoted(case: Case) -> tuple[Fact, ...]:
    """Return what the log last said of a job that failed."""
    reading, logs = case.log_reading, case.logs
    if reading is None or logs is None:
        return ()
    told = [
        one
        for one in reading.recent
        if not one.undated and suggested(one.kind) == "processing_failed"
    ]
    newest = max(told, key=lambda one: one.at, default=None)
    return last(logs, f'log: "{newest.evidence}"') if newest else ()


RULES: tuple[Rule, ...] = (
    input_rejected,
    declined,
    late,
    processing_failed,
    invalid_output,
)
