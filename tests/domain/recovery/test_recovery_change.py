"""A change: from state to state, and to one outcome that stays."""

from itertools import product

import pytest

from monitor.domain.recovery.change import (
    AFTER_INTENT,
    BEFORE_INTENT,
    NEXT,
    ONLY_BEFORE_INTENT,
    Change,
    NotPossible,
    ended,
    moved,
)
from monitor.domain.recovery.words import Action, Outcome, State
from tests.domain.recovery.situations import ANN, NOW

MAY = {
    (State.WAITING, State.READY),
    (State.READY, State.DRAINING),
    (State.READY, State.INTENT),
    (State.READY, State.CLIMBING),
    (State.DRAINING, State.INTENT),
    (State.INTENT, State.SENT),
    (State.INTENT, State.UNKNOWN),
    (State.SENT, State.VERIFYING),
    (State.SENT, State.UNKNOWN),
    (State.VERIFYING, State.UNKNOWN),
    (State.UNKNOWN, State.VERIFYING),
}
"""Every step there is, but for the last."""
LATER = NOW + 60.0


def change(
    state: State,
    outcome: Outcome | None = None,
    *,
    done: bool = False,
) -> Change:
    return Change(
        id="c1",
        plan="p1",
        action=Action.RESTART,
        target="studio",
        host="gpu1",
        by=ANN,
        state=state,
        because="it began",
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + 900.0,
        outcome=outcome,
        done=done,
    )


@pytest.mark.parametrize(("at", "to"), list(product(State, State)))
def test_a_change_goes_only_where_the_state_machine_leads(
    at: State, to: State
) -> None:
    before = change(at)

    if (at, to) not in MAY:
        with pytest.raises(NotPossible, match="cannot go on with change c1"):
            moved(before, to, "why", LATER)
        return
    after = moved(before, to, "why", LATER)

    assert after.state is to
    assert (after.because, after.progress) == ("why", "why")
    assert (after.created_at, after.updated_at) == (NOW, LATER)
    assert after.intent_at == (LATER if to is State.INTENT else None)
    assert after.outcome is None


def test_when_the_intent_was_written_is_kept() -> None:
    intent = moved(change(State.READY), State.INTENT, "why", LATER)

    after = moved(intent, State.SENT, "sent", LATER + 5.0)

    assert after.intent_at == LATER


def test_what_cannot_follow_is_named() -> None:
    with pytest.raises(
        NotPossible,
        match=r"^cannot go on with change c1: it is sent, which ready does"
        r" not follow$",
    ):
        moved(change(State.SENT), State.READY, "why", LATER)


def test_a_step_to_the_end_takes_an_outcome() -> None:
    for state in State:
        with pytest.raises(NotPossible):
            moved(change(state), State.ENDED, "why", LATER)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(("at", "outcome"), list(product(State, Outcome)))
def test_a_change_ends_once_and_never_says_that_nothing_was_done(
    at: State,
    outcome: Outcome,
    done: bool,  # noqa: FBT001 - a table
) -> None:
    before = change(at, done=done)
    sent = done or at in AFTER_INTENT
    lies = (outcome in ONLY_BEFORE_INTENT and sent) or (
        outcome is Outcome.SUCCEEDED and not sent
    )

    if at is State.ENDED or lies:
        with pytest.raises(NotPossible, match=r"^cannot .* change c1 "):
            ended(before, outcome, "why", LATER)
        return
    after = ended(before, outcome, "why", LATER)

    assert (after.state, after.outcome) == (State.ENDED, outcome)
    assert (after.because, after.progress) == ("why", "why")
    assert (after.updated_at, after.intent_at) == (LATER, None)


@pytest.mark.parametrize("state", sorted(AFTER_INTENT))
def test_cancelled_is_never_said_after_the_intent(state: State) -> None:
    before = change(state)

    with pytest.raises(NotPossible, match="something may have been done"):
        ended(before, Outcome.CANCELLED, "why", LATER)

    assert not before.can_be_cancelled


def test_what_says_that_nothing_was_done() -> None:
    assert {
        Outcome.REFUSED,
        Outcome.EXPIRED,
        Outcome.DENIED,
        Outcome.CANCELLED,
        Outcome.TIMED_OUT,
        Outcome.ATTACHED,
    } == ONLY_BEFORE_INTENT


@pytest.mark.parametrize(
    ("outcome", "told"), [(Outcome.FAILED, "failed"), (None, "ended")]
)
def test_an_outcome_never_changes(outcome: Outcome | None, told: str) -> None:
    over = change(State.ENDED, outcome)

    for other in Outcome:
        with pytest.raises(
            NotPossible,
            match=f"^cannot end change c1 again: it has {told}$",
        ):
            ended(over, other, "why", LATER)


def test_every_state_is_before_the_intent_after_it_or_the_end() -> None:
    assert set(NEXT) == set(State)
    assert set(State) == BEFORE_INTENT | AFTER_INTENT | {
        State.CLIMBING,
        State.ENDED,
    }
    assert not BEFORE_INTENT & AFTER_INTENT
    for state in State:
        assert change(state).can_be_cancelled is (state in BEFORE_INTENT)
        assert change(state).is_over is (state is State.ENDED)


def test_from_every_state_a_change_can_end() -> None:
    for state in set(State) - {State.ENDED}:
        assert State.ENDED in NEXT[state]


def test_a_climb_only_ends() -> None:
    assert NEXT[State.CLIMBING] == {State.ENDED}
    assert not change(State.CLIMBING).can_be_cancelled


def test_nothing_leads_back_before_the_intent() -> None:
    for state in (*AFTER_INTENT, State.CLIMBING):
        assert not NEXT[state] & BEFORE_INTENT
