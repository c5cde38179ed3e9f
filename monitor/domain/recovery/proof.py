"""The proof: whether what was done to a server made it serve again.

First a new process owns its port, and its status passes three times in a
row while it does; then a canary passes, and it serves on. What does not get
there in time has failed, whatever it does later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.domain.canary.reading import Result
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.words import length
from monitor.domain.recovery.births import Birth, births, is_there
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.ports_owned import drifted, is_owned
from monitor.domain.service.reading import ServiceReading

PASSES = 3
"""Looks in a row at which its status passes (DESIGN §4.7)."""
PASSED = frozenset({Result.OK, Result.COLD, Result.UNVERIFIED})
"""Runs that prove it. The first one after a start is cold; one whose output
could not be fetched counts, and that is said. A slow one does not: what it
was restarted for may still be so."""
_RESTARTS = 2
"""Restarts that its manager counts beside ours, and are a crash loop."""
Word = Literal["proven", "pending", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a proof is measured by; lengths in seconds.

    `before` are the processes that were to end, `boot_id` the boot that they
    were on. `began` is how long after the effect was sent the proof began;
    from then on it has `serves_within` to serve, and from there
    `canaries_within` until one of `canaries` passed.
    """

    before: tuple[Identity, ...]
    boot_id: str
    port: int
    start_grace: float
    began: float
    serves_within: float
    canaries_within: float = 0.0
    canaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One look while it is proved, at the Unix time `at`.

    `since_sent` are seconds since the effect was sent, by a clock that does
    not jump. `service` is None where the host told nothing, `passed` where
    the status was not looked at. `reason` is the word of the look at the
    process, `because` what both looks said.
    """

    at: float
    since_sent: float
    service: ServiceReading | None = None
    reason: str = ""
    passed: bool | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One canary run; times as of a `Glance`, when it ended."""

    at: float
    since_sent: float
    canary: str
    result: Result
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is known by now. `wants_canary`: one has to run next."""

    word: Word
    because: str
    wants_canary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """Since when it serves, and until when it was seen to."""

    began: Glance
    last: Glance
    birth: Birth


def prove(
    terms: Terms,
    glances: Sequence[Glance],
    trials: Sequence[Trial] = (),
    *,
    since_sent: float,
) -> Proof:
    """Return what looks and runs prove, oldest first, as of `since_sent`."""
    born = births(glances, terms.before)
    broken = _broken(terms, glances, born)
    if broken:
        return Proof(word="failed", because=broken)
    served = _served(terms, glances, born)
    limit = terms.began + terms.serves_within
    if served is None or served.began.since_sent > limit:
        return _not_yet(terms, glances, born, late=since_sent >= limit)
    return _used(terms, served, trials, since_sent)


def _broken(
    terms: Terms, glances: Sequence[Glance], born: Sequence[Birth]
) -> str:
    """Return what no further look can mend, empty for nothing."""
    last = glances[-1] if glances else None
    if last is None or last.service is None:
        return ""
    service, when = last.service, stamp(last.at)
    if terms.boot_id and service.boot_id not in {"", terms.boot_id}:
        return f"its machine was booted meanwhile (seen at {when})"
    if last.reason == "stopped":
        return f"it was stopped meanwhile ({when}): {last.because}"
    if len(born) > 1:
        return _looped(born)
    restarts = _restarts(glances)
    if restarts >= _RESTARTS:
        return (
            f"a crash loop: it was restarted {restarts} times more that"
            f" nobody asked for, by its manager's count at {when}"
        )
    return _elsewhere(terms, service, born, when)


def _looped(born: Sequence[Birth]) -> str:
    first, second = born[0], born[1]
    return (
        f"a crash loop: the new process {first.pid} ended and another one,"
        f" {second.pid}, was there at {stamp(second.at)}"
    )


def _restarts(glances: Sequence[Glance]) -> int:
    counts = [
        one.service.unit.restarts
        for one in glances
        if one.service is not None
        and one.service.unit is not None
        and one.service.unit.restarts is not None
    ]
    return max(counts) - counts[0] if counts else 0


def _elsewhere(
    terms: Terms, service: ServiceReading, born: Sequence[Birth], when: str
) -> str:
    """Return where it listens instead, once its start is over."""
    server = service.server
    if not born or server is None or service.now is None:
        return ""
    ports = drifted(service, terms.port)
    if not ports or service.now - server.started_at <= terms.start_grace:
        return ""
    others = ", ".join(map(str, ports))
    return (
        f"process {server.pid} listens on port {others} and not on"
        f" {terms.port}, past its start grace of"
        f" {length(terms.start_grace)} (seen at {when})"
    )


def _serves(terms: Terms, glance: Glance, born: Sequence[Birth]) -> bool:
    """Return whether the new process owns its port and its status passes."""
    service = glance.service
    if service is None or not glance.passed:
        return False
    return is_there(born, service) and is_owned(service, terms.port)


def _served(
    terms: Terms, glances: Sequence[Glance], born: Sequence[Birth]
) -> _Served | None:
    """Return the stretch of good looks up to now, if it is long enough.

    A look that told nothing of the host or of the status counts for
    nothing.
    """
    row: list[Glance] = []
    for glance in glances:
        if glance.service is None or glance.passed is None:
            continue
        row = [*row, glance] if _serves(terms, glance, born) else []
    if len(row) < PASSES:
        return None
    return _Served(began=row[PASSES - 1], last=row[-1], birth=born[0])


def _not_yet(
    terms: Terms,
    glances: Sequence[Glance],
    born: Sequence[Birth],
    *,
    late: bool,
) -> Proof:
    last = glances[-1] if glances else None
    seen = f" ({stamp(last.at)}: {last.because})" if last else ""
    missing = _missing(terms, last, born)
    if not late:
        return Proof(word="pending", because=f"{missing}{seen}")
    return Proof(
        word="failed",
        because=f"slower than its grace: {missing} within"
        f" {length(terms.serves_within)}{seen}",
    )


def _missing(terms: Terms, last: Glance | None, born: Sequence[Birth]) -> str:
    """Return what was not seen, as the first half of a sentence."""
    if not born or last is None:
        return "no new process that serves was seen"
    service = last.service
    if service is not None and not is_there(born, service):
        return f"the new process {born[0].pid} did not stay"
    if service is not None and not is_owned(service, terms.port):
        return f"process {born[0].pid} did not listen on port {terms.port}"
    return f"its status did not pass {PASSES} times in a row"


def _used(
    terms: Terms,
    served: _Served,
    trials: Sequence[Trial],
    since_sent: float,
) -> Proof:
    serves = (
        f"process {served.birth.pid} is new, owns port {terms.port} and its"
        f" status passed {PASSES} times by {stamp(served.began.at)}"
    )
    if not terms.canaries:
        because = f"{serves}; it has no canaries that could prove more"
        return Proof(word="proven", because=because)
    later = [one for one in trials if one.since_sent > served.began.since_sent]
    good = next((one for one in later if one.result in PASSED), None)
    if good and served.last.since_sent >= good.since_sent:
        return Proof(word="proven", because=f"{serves}; {_told(good)}")
    tried = f"; {_told(later[-1])}" if later else ""
    limit = served.began.since_sent + terms.canaries_within
    if since_sent >= limit:
        because = (
            f"{serves}, but no canary passed within"
            f" {length(terms.canaries_within)}{tried}"
        )
        return Proof(word="failed", because=because)
    return Proof(
        word="pending",
        because=f"{serves}; a canary has to pass{tried}",
        wants_canary=good is None,
    )


def _told(trial: Trial) -> str:
    note = (
        ", its output was not looked at"
        if trial.result is Result.UNVERIFIED
        else ""
    )
    return (
        f"canary {trial.canary} was {trial.result.value} at"
        f" {stamp(trial.at)}{note}: {trial.because}"
    )
