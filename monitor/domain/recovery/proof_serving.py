"""The proof that a server serves on, whose own process was not ended."""

from collections.abc import Sequence

from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.words import length
from monitor.domain.recovery.proof import (
    PASSED,
    PASSES,
    Glance,
    Proof,
    Terms,
    Trial,
)


def prove_serving(
    terms: Terms,
    glances: Sequence[Glance],
    trials: Sequence[Trial] = (),
    *,
    since_sent: float,
) -> Proof:
    """Return what looks and runs prove, oldest first, as of `since_sent`.

    Its status has to pass three times in a row; then a canary has to pass,
    and the status after it.
    """
    broken = _broken(terms, glances)
    if broken:
        return Proof(word="failed", because=broken)
    row = _row(glances)
    began = row[PASSES - 1].since_sent if len(row) >= PASSES else None
    limit = terms.began + terms.serves_within
    if began is None or began > limit:
        return _not_yet(terms, glances, late=since_sent >= limit)
    return _used(terms, row, trials, since_sent)


def _broken(terms: Terms, glances: Sequence[Glance]) -> str:
    last = glances[-1] if glances else None
    boot = last.service.boot_id if last and last.service else ""
    if last and terms.boot_id and boot not in {"", terms.boot_id}:
        return f"its machine was booted meanwhile (seen at {stamp(last.at)})"
    return ""


def _row(glances: Sequence[Glance]) -> list[Glance]:
    """Return the good looks in a row up to now; one not taken is left out."""
    row: list[Glance] = []
    for glance in glances:
        if glance.passed is not None:
            row = [*row, glance] if glance.passed else []
    return row


def _not_yet(terms: Terms, glances: Sequence[Glance], *, late: bool) -> Proof:
    last = glances[-1] if glances else None
    seen = f" ({stamp(last.at)}: {last.because})" if last else ""
    missing = f"its status did not pass {PASSES} times in a row"
    if not late:
        return Proof(word="pending", because=f"{missing}{seen}")
    within = length(terms.serves_within)
    return Proof(word="failed", because=f"{missing} within {within}{seen}")


def _used(
    terms: Terms, row: list[Glance], trials: Sequence[Trial], since_sent: float
) -> Proof:
    began = row[PASSES - 1]
    serves = f"its status passed {PASSES} times by {stamp(began.at)}"
    if not terms.canaries:
        because = f"{serves}; it has no canaries that could prove more"
        return Proof(word="proven", because=because)
    later = [one for one in trials if one.since_sent > began.since_sent]
    good = next((one for one in later if one.result in PASSED), None)
    if good and row[-1].since_sent >= good.since_sent:
        return Proof(word="proven", because=f"{serves}; {_told(good)}")
    tried = f"; {_told(later[-1])}" if later else ""
    if since_sent >= began.since_sent + terms.canaries_within:
        within = length(terms.canaries_within)
        because = f"{serves}, but no canary passed within {within}{tried}"
        return Proof(word="failed", because=because)
    because = f"{serves}; a canary has to pass{tried}"
    return Proof(word="pending", because=because, wants_canary=good is None)


def _told(trial: Trial) -> str:
    return (
        f"canary {trial.canary} was {trial.result.value} at"
        f" {stamp(trial.at)}: {trial.because}"
    )
