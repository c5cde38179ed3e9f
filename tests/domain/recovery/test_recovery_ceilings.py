"""What must still hold as an intent is written."""

from dataclasses import replace

import pytest
from hypothesis import given

from monitor.domain.recovery.counting import (
    Ceilings,
    ceilings,
)
from monitor.domain.recovery.policy import Budget
from monitor.domain.recovery.situation import Peer, Situation
from monitor.domain.recovery.standing import left
from monitor.domain.recovery.words import RUNGS, Action, Word
from tests.domain.recovery.any_situation import situations
from tests.domain.recovery.situations import (
    ANN,
    NOW,
    ROBOT,
    glass,
    policy,
    situation,
    word,
)

R = Word.REFUSED


def test_what_must_hold_at_the_intent_is_what_the_gates_weighed_by() -> None:
    peers = tuple(Peer(name=f"s{n}", serves=True) for n in range(7))

    found = ceilings(situation(peers=peers))

    assert found == Ceilings(
        since=NOW - 3600.0, most=3, quiet_since=NOW - 600.0, at_once=2
    )


@pytest.mark.parametrize(
    ("gate", "changed"),
    [
        ("budget", {"most": None}),
        ("cooldown", {"quiet_since": None}),
        ("blast_radius", {"at_once": None}),
        ("busy", {}),
        ("lock", {}),
    ],
)
def test_a_ceiling_falls_only_for_the_gate_that_is_skipped(
    gate: str, changed: dict[str, None]
) -> None:
    whole = ceilings(situation())

    skipped = ceilings(situation(break_glass=glass(gate)))

    expected = replace(whole, **changed)  # type: ignore[arg-type]  # by name

    assert skipped == expected


def test_what_a_recover_did_before_is_named_for_the_intent() -> None:
    assert ceilings(situation(parent="r1")) == replace(
        ceilings(situation()), climbs="r1"
    )


def test_no_intent_of_a_recover_itself_fits_whatever_is_set() -> None:
    free = policy(budgets={Action.RECOVER: Budget(most=9, window=9.0)})

    assert ceilings(situation(action=Action.RECOVER, policy=free)).most == 0
    assert left(situation(action=Action.RECOVER, policy=free)) == 0


def test_no_ceiling_falls_for_automation_or_without_a_reason() -> None:
    whole = ceilings(situation())

    for by, reason in ((ROBOT, "why"), (ANN, " ")):
        found = ceilings(situation(by=by, break_glass=glass("budget", reason)))
        assert found == whole


@given(situations)
def test_the_gates_and_the_ceilings_agree(any_: Situation) -> None:
    rung = RUNGS[0] if any_.action is Action.RECOVER else any_.action
    any_ = replace(any_, action=rung, break_glass=None)
    limits = ceilings(any_)
    here = [one for one in any_.past if one.target == any_.target.name]
    same = [one for one in here if one.action is any_.action]

    counted = sum(not one.intent_at < limits.since for one in same)
    late = [
        one
        for one in here
        if limits.quiet_since is not None
        and not one.intent_at < limits.quiet_since
        and not (limits.climbs and one.parent == limits.climbs)
    ]

    assert limits.most is not None
    assert (word("budget", any_) is R) is (counted >= limits.most)
    if late:
        assert word("cooldown", any_) is R
