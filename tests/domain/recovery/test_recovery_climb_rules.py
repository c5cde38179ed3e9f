"""The rules of the climb: a ladder is never skipped and never goes round."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.climb import (
    SETTLING,
    Top,
    Tread,
    missed,
    next_after,
    settles,
    tread_of,
    was_sent,
)
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Outcome, State, Word
from tests.domain.recovery.situations import ANN

NOTHING_DONE = frozenset({Outcome.REFUSED, Outcome.CANCELLED})


@st.composite
def any_tread(draw: st.DrawFn, action: Action) -> Tread:
    sent = draw(st.booleans())
    outcomes = (None, *Outcome) if not sent else tuple(Outcome)
    return Tread(
        action=action,
        outcome=draw(st.sampled_from(outcomes)),
        because="so it is",
        sent=sent,
        done=sent and draw(st.booleans()),
    )


@st.composite
def any_climb(draw: st.DrawFn) -> tuple[tuple[Tread, ...], Top]:
    """Return the treads of a whole climb as it was decided, and its end."""
    treads: tuple[Tread, ...] = ()
    while True:
        by = draw(st.sampled_from(["", "", "", "bob"]))
        step = next_after(treads, by)
        if isinstance(step, Top):
            return treads, step
        treads = (*treads, draw(any_tread(step)))


@given(any_climb())
def test_rungs_are_climbed_in_their_order_each_once(
    climb: tuple[tuple[Tread, ...], Top],
) -> None:
    treads, _ = climb

    assert tuple(one.action for one in treads) == RUNGS[: len(treads)]


@given(any_climb())
def test_nobody_climbs_past_what_did_not_fail_after_it_was_done(
    climb: tuple[tuple[Tread, ...], Top],
) -> None:
    treads, _ = climb

    for one in treads[:-1]:
        not_applicable = one.outcome is None
        failed = one.outcome in {Outcome.FAILED, Outcome.GAVE_UP}
        assert not_applicable or (failed and one.done)


@given(any_climb())
def test_it_succeeds_only_by_a_rung_whose_proof_said_so(
    climb: tuple[tuple[Tread, ...], Top],
) -> None:
    treads, top = climb

    last = treads[-1].outcome if treads else None
    assert (top.outcome is Outcome.SUCCEEDED) == (last is Outcome.SUCCEEDED)


@given(any_climb())
def test_it_says_that_nothing_was_done_only_where_nothing_was_sent(
    climb: tuple[tuple[Tread, ...], Top],
) -> None:
    treads, top = climb

    if top.outcome is not Outcome.SUCCEEDED:
        assert (top.outcome in NOTHING_DONE) == (not was_sent(treads))
    assert top.because


def test_what_was_tried_is_told_at_the_top() -> None:
    treads = (
        Tread(
            action=Action.RESTART,
            outcome=Outcome.FAILED,
            because="no canary passed",
            sent=True,
            done=True,
        ),
        Tread(
            action=Action.FREE_GPU_MEMORY, outcome=None, because="none held"
        ),
        Tread(
            action=Action.REBOOT,
            outcome=Outcome.GAVE_UP,
            because="it stays away",
            sent=True,
            done=True,
        ),
    )

    top = next_after(treads)

    assert top == Top(
        outcome=Outcome.GAVE_UP,
        because=(
            "no rung is left: restart failed, free-gpu-memory not applicable,"
            " reboot gave_up; a person has to look"
        ),
    )


NOT_YET = Tread(
    action=Action.RESTART, outcome=None, because="gpu_lost forbids it"
)
FREED = Tread(action=Action.FREE_GPU_MEMORY, outcome=None, because="none held")


@pytest.mark.parametrize(
    ("treads", "helps", "expected"),
    [
        ((), set(RUNGS), None),
        ((NOT_YET,), {Action.RESTART}, Action.RESTART),
        ((NOT_YET,), {Action.REBOOT}, None),
        ((NOT_YET, FREED), set(RUNGS), Action.RESTART),
        ((NOT_YET, FREED), {Action.FREE_GPU_MEMORY}, Action.FREE_GPU_MEMORY),
        ((NOT_YET, NOT_YET), {Action.RESTART}, None),
    ],
)
def test_a_milder_rung_that_applies_by_now_is_gone_back_to_once(
    treads: tuple[Tread, ...], helps: set[Action], expected: Action | None
) -> None:
    assert missed(treads, lambda one: one in helps) is expected


def test_what_was_tried_is_no_rung_that_was_missed() -> None:
    assert missed((FAILED,), lambda _: True) is None


def test_after_going_back_the_ladder_goes_on_where_it_was() -> None:
    failed = replace(NOT_YET, outcome=Outcome.FAILED, sent=True, done=True)

    assert next_after((NOT_YET, failed)) is Action.FREE_GPU_MEMORY
    assert next_after((NOT_YET, FREED, failed)) is Action.REBOOT


def refusing(*gates: str) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(gate=one, word=Word.REFUSED, because="so it is")
        for one in gates
    )


FAILED = Tread(
    action=Action.RESTART,
    outcome=Outcome.FAILED,
    because="no canary passed",
    sent=True,
    done=True,
)


@pytest.mark.parametrize("gate", sorted(SETTLING))
def test_what_a_rung_has_just_changed_is_waited_for(gate: str) -> None:
    verdicts = refusing(gate, "diagnosis")

    waits = settles((FAILED,), verdicts)

    assert waits == f"{gate}: so it is"


@pytest.mark.parametrize(
    "verdicts",
    [
        (),
        refusing("diagnosis"),
        refusing("healthy", "budget"),
        (Verdict(gate="healthy", word=Word.ALLOWED, because="sick"),),
    ],
)
def test_nothing_else_is_waited_for(verdicts: tuple[Verdict, ...]) -> None:
    assert settles((FAILED,), verdicts) == ""


def test_before_anything_was_sent_nothing_is_waited_for() -> None:
    nothing = Tread(action=Action.RESTART, outcome=None, because="gpu_lost")

    assert settles((), refusing("healthy")) == ""
    assert settles((nothing,), refusing("healthy")) == ""


@pytest.mark.parametrize("intent_at", [None, 1_000.0])
def test_a_change_is_a_tread_by_its_intent(intent_at: float | None) -> None:
    change = Change(
        id="c1",
        plan="p1",
        action=Action.RESTART,
        target="studio",
        host="gpu1",
        by=ANN,
        state=State.ENDED,
        because="no canary passed",
        created_at=900.0,
        updated_at=1_100.0,
        expires_at=1_800.0,
        outcome=Outcome.FAILED,
        intent_at=intent_at,
        done=intent_at is not None,
    )

    tread = tread_of(change)

    was = intent_at is not None
    assert (tread.sent, tread.done, tread.is_passed) == (was, was, was)
