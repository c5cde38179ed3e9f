"""A change: what was done to a server, from the asking to one outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.domain.errors import MonitorError
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State

_W, _R, _D, _I = State.WAITING, State.READY, State.DRAINING, State.INTENT
_S, _V, _U, _E = State.SENT, State.VERIFYING, State.UNKNOWN, State.ENDED
_C = State.CLIMBING

NEXT: Mapping[State, frozenset[State]] = {
    _W: frozenset({_R, _E}),
    _R: frozenset({_D, _I, _C, _E}),
    _D: frozenset({_I, _E}),
    _I: frozenset({_S, _U, _E}),
    _S: frozenset({_V, _U, _E}),
    _V: frozenset({_U, _E}),
    _U: frozenset({_V, _E}),
    _C: frozenset({_E}),
    _E: frozenset(),
}
"""Where a change may go from each state (facts/recovery.md §5)."""
BEFORE_INTENT = frozenset({State.WAITING, State.READY, State.DRAINING})
"""Nothing was sent yet: these may be cancelled."""
AFTER_INTENT = frozenset(
    {State.INTENT, State.SENT, State.VERIFYING, State.UNKNOWN}
)
ONLY_BEFORE_INTENT = frozenset(
    {
        Outcome.REFUSED,
        Outcome.EXPIRED,
        Outcome.DENIED,
        Outcome.CANCELLED,
        Outcome.TIMED_OUT,
        Outcome.ATTACHED,
    }
)
"""Outcomes that say that nothing was done."""


class NotPossible(MonitorError):
    """A change cannot go there from where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A plan that is being carried out. Times are Unix times in seconds.

    `owner` is the monitor that carries it out, empty while it waits for
    approvals. `token` is its fencing token, 0 before its lock. `intent_at`
    is when the intent was on disk, None before. `progress` is the newest
    sentence about it. `cancel_asked_by` is who wanted it stopped too late.
    `done`: the machine said that it did it, or tried to; of a `recover`, one
    of its rungs was sent. `parent` is the `recover` whose rung it is.
    """

    id: str
    plan: str
    action: Action
    target: str
    host: str
    by: Principal
    state: State
    because: str
    created_at: float
    updated_at: float
    expires_at: float
    owner: str = ""
    token: int = 0
    intent_at: float | None = None
    outcome: Outcome | None = None
    progress: str = ""
    cancel_asked_by: str = ""
    done: bool = False
    parent: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has its outcome."""
        return self.state is State.ENDED

    @property
    def can_be_cancelled(self) -> bool:
        """Whether nothing has been sent yet."""
        return self.state in BEFORE_INTENT


def moved(change: Change, to: State, because: str, now: float) -> Change:
    """Return a change in its next state. Raises `NotPossible`.

    Ending it takes `ended`.
    """
    if to not in NEXT[change.state] or to is State.ENDED:
        raise NotPossible(
            f"cannot go on with change {change.id}: it is"
            f" {change.state.value}, which {to.value} does not follow"
        )
    return replace(
        change,
        state=to,
        because=because,
        progress=because,
        updated_at=now,
        intent_at=now if to is State.INTENT else change.intent_at,
    )


def ended(
    change: Change, outcome: Outcome, because: str, now: float
) -> Change:
    """Return a change with its one outcome. Raises `NotPossible`.

    After the intent nobody may say that nothing was done.
    """
    if change.is_over:
        raise NotPossible(
            f"cannot end change {change.id} again: it has"
            f" {change.outcome.value if change.outcome else 'ended'}"
        )
    was_sent = change.state in AFTER_INTENT or change.done
    if outcome in ONLY_BEFORE_INTENT and was_sent:
        raise NotPossible(
            f"cannot call change {change.id} {outcome.value}: something may"
            " have been done already"
        )
    if outcome is Outcome.SUCCEEDED and not was_sent:
        raise NotPossible(
            f"cannot call change {change.id} succeeded: nothing was done"
        )
    return replace(
        change,
        state=State.ENDED,
        outcome=outcome,
        because=because,
        progress=because,
        updated_at=now,
    )
