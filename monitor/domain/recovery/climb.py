"""The climb: which rung comes next, and when the ladder ends."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Outcome, Word

SETTLING = frozenset({"healthy", "starting", "second_vantage", "lock"})
"""Gates whose word a rung just changed: a server that was restarted counts
as starting or as well until what failed in its proof is believed. And what
somebody else does on the machine, who has the lock, comes to its end."""
_DIAGNOSIS = "diagnosis"
"""Refuses with them: what counts as well needs no remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tread:
    """A rung that is behind us.

    `outcome` is None where the rung was not applicable. `sent`: its intent
    was written, so that something may have been done; `done`: the machine
    said that it did it, or tried to.
    """

    action: Action
    outcome: Outcome | None
    because: str
    sent: bool = False
    done: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether the rung above may be climbed."""
        if self.outcome is None:
            return True
        has_failed = self.outcome in {Outcome.FAILED, Outcome.GAVE_UP}
        return has_failed and self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The end of a climb, and why."""

    outcome: Outcome
    because: str


def next_after(
    treads: tuple[Tread, ...], cancelled_by: str = ""
) -> Action | Top:
    """Return the rung to climb now, or how the climb ends.

    `treads` are those behind us, in the order that they were climbed in;
    `cancelled_by` who wants it stopped, empty for nobody. A proof that
    succeeded outweighs the wish.
    """
    last = treads[-1] if treads else None
    if last is not None and last.outcome is Outcome.SUCCEEDED:
        because = f"{last.action.value} healed it: {last.because}"
        return Top(outcome=Outcome.SUCCEEDED, because=because)
    if cancelled_by:
        return _cancelled(treads, cancelled_by)
    if last is not None and not last.is_passed:
        return _stopped(treads, last)
    behind = {one.action for one in treads}
    if len(behind) < len(RUNGS):
        return RUNGS[len(behind)]
    return _at_the_top(treads)


def missed(
    treads: tuple[Tread, ...], applies: Callable[[Action], bool]
) -> Action | None:
    """Return the mildest rung that did not apply and does now, once each.

    A fault that forbade it may have healed meanwhile and left another one:
    a machine is not booted for what a restart would mend.
    """
    done = [one.action for one in treads]
    for one in treads:
        was_once = done.count(one.action) == 1
        if one.outcome is None and was_once and applies(one.action):
            return one.action
    return None


def was_sent(treads: tuple[Tread, ...]) -> bool:
    """Return whether anything may have been done by these rungs."""
    return any(one.sent for one in treads)


def tread_of(change: Change) -> Tread:
    """Return the rung that a change was, once it is over."""
    return Tread(
        action=change.action,
        outcome=change.outcome,
        because=change.because,
        sent=change.intent_at is not None,
        done=change.done,
    )


def settles(treads: tuple[Tread, ...], verdicts: tuple[Verdict, ...]) -> str:
    """Return what a rung has to wait for after one that failed, or nothing.

    Whatever else refuses it ends the climb at once.
    """
    said = [one for one in verdicts if one.word is Word.REFUSED]
    gates = {one.gate for one in said}
    if not was_sent(treads) or gates - SETTLING - {_DIAGNOSIS}:
        return ""
    waits = [one for one in said if one.gate in SETTLING]
    return "; ".join(f"{one.gate}: {one.because}" for one in waits)


def _cancelled(treads: tuple[Tread, ...], by: str) -> Top:
    if not was_sent(treads):
        because = f"cancelled by {by} before anything was done"
        return Top(outcome=Outcome.CANCELLED, because=because)
    because = f"cancelled by {by} after {_tried(treads)}"
    return Top(outcome=Outcome.FAILED, because=because)


def _stopped(treads: tuple[Tread, ...], last: Tread) -> Top:
    """Say that a rung was no step up: nothing says what the next may do."""
    told = f"{last.action.value} ({_word(last)}): {last.because}"
    if not was_sent(treads):
        return Top(outcome=Outcome.REFUSED, because=told)
    before = _tried(treads[:-1])
    if before:
        told = f"{told}; before it {before}"
    return Top(outcome=Outcome.GAVE_UP, because=told)


def _at_the_top(treads: tuple[Tread, ...]) -> Top:
    if not was_sent(treads):
        why = "; ".join(f"{o.action.value}: {o.because}" for o in treads)
        because = f"no rung is applicable: {why}"
        return Top(outcome=Outcome.REFUSED, because=because)
    because = f"no rung is left: {_tried(treads)}; a person has to look"
    return Top(outcome=Outcome.GAVE_UP, because=because)


def _tried(treads: tuple[Tread, ...]) -> str:
    """Return the rungs in words, what was not applicable too."""
    return ", ".join(f"{one.action.value} {_word(one)}" for one in treads)


def _word(tread: Tread) -> str:
    return tread.outcome.value if tread.outcome else "not applicable"
