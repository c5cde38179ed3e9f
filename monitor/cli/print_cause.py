"""Prints what is wrong with a server, why, and what to do about it."""

from collections.abc import Iterator

from monitor.cli.words import ago, moment, plain
from monitor.domain.diagnosis.cause import NONE
from monitor.schemas.diagnosis import PageState, TargetDiagnosisInFull

_PAGE = {
    PageState.TOLD: "somebody is told",
    PageState.WITHHELD: "nobody is told",
    PageState.NONE: "needs nobody",
}


def cause_lines(said: TargetDiagnosisInFull) -> Iterator[str]:
    """Yield the lines of a diagnosis, as markup."""
    if said.cause == NONE:
        yield "diagnosis: none"
    else:
        yield from _cause(said)
    yield from _list("not known", said.unknown)


def _cause(said: TargetDiagnosisInFull) -> Iterator[str]:
    cause = f"[bold]{plain(said.cause)}[/] ({said.severity.value})"
    why = said.withheld_because
    page = f"{_PAGE[said.page]}{': ' if why else ''}{plain(why)}"
    yield f"diagnosis: {cause} since {moment(said.since)} UTC; {page}"
    yield from _list("evidence", _evidence(said))
    yield f"what to do: {plain(said.advice)}"
    if said.remedies:
        words = ", ".join(one.value for one in said.remedies)
        yield f"what may help: {words}"
    if said.also:
        yield f"also: {plain(', '.join(said.also))}"
    yield f"runbook: {plain(said.runbook)}"


def _evidence(said: TargetDiagnosisInFull) -> tuple[str, ...]:
    return tuple(
        f"{one.check} of {one.subject}, {ago(one.age_seconds)}: {one.because}"
        for one in said.evidence
    )


def _list(heading: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"{heading}:"
    for line in lines:
        yield f"  {plain(line)}"
