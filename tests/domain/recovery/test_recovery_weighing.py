"""All gates together: their names, their order, and what always holds."""

from dataclasses import replace

import pytest
from hypothesis import given

from monitor.domain.recovery.break_glass import SKIPPABLE
from monitor.domain.recovery.situation import (
    Peer,
    SecondLook,
    Situation,
    Work,
)
from monitor.domain.recovery.verdict import Verdict, refused, waits
from monitor.domain.recovery.weighing import (
    AT_EACH_RUNG,
    GATES,
    may_skip,
    weigh,
)
from monitor.domain.recovery.words import Action, Word
from tests.domain.recovery.any_situation import situations
from tests.domain.recovery.situations import (
    ANN,
    BOB,
    ROBOT,
    SERVICE,
    approved,
    deed,
    diagnosis,
    glass,
    policy,
    rebooting,
    situation,
    verdict,
    word,
)

UNSKIPPABLE = {
    "mode",
    "allowed",
    "blind",
    "ladder",
    "machine",
    "approval",
    "lock",
    "hand",
    "identity",
}
REFUSING: dict[str, Situation] = {
    "mode": situation(policy=policy(mode="off")),
    "allowed": situation(policy=policy(allow=frozenset())),
    "blind": situation(blind="control addresses fail"),
    "maintenance": situation(by=ROBOT, maintenance="new disks"),
    "healthy": situation(
        diagnosis=None, second=SecondLook(agrees=None, because="no second way")
    ),
    "stopped": situation(diagnosis=diagnosis(also=("stopped_by_operator",))),
    "starting": situation(diagnosis=diagnosis("starting")),
    "crash_loop": situation(diagnosis=diagnosis("crash_loop")),
    "diagnosis": situation(diagnosis=diagnosis("gpu_lost")),
    "second_vantage": situation(
        second=SecondLook(agrees=False, because="it answered")
    ),
    "busy": situation(work=Work(jobs=("job 7",), moves=True, waited=600.0)),
    "cooldown": situation(past=(deed(500.0),)),
    "budget": situation(past=(deed(3e3), deed(2e3), deed(1e3))),
    "breaker": situation(past=(deed(8e4), deed(7e4), deed(6e4))),
    "blast_radius": situation(
        peers=(
            Peer(name="studio", serves=False),
            Peer(name="annex", serves=True, is_changing=True),
        )
    ),
    "ladder": rebooting(past=()),
    "machine": rebooting(machine=None),
    "lock": situation(lock="change c9 of monitor-2"),
    "hand": situation(hand="no act key is set"),
    "identity": situation(service=None),
}
"""For each gate that refuses, the one fact that makes it."""


def words(given_: Situation) -> dict[str, Word]:
    return {one.gate: one.word for one in weigh(given_)}


def test_the_names_of_the_gates_and_their_order_are_a_promise() -> None:
    assert GATES == (
        "mode",
        "allowed",
        "blind",
        "maintenance",
        "healthy",
        "stopped",
        "starting",
        "crash_loop",
        "diagnosis",
        "second_vantage",
        "busy",
        "cooldown",
        "budget",
        "breaker",
        "blast_radius",
        "ladder",
        "machine",
        "approval",
        "lock",
        "hand",
        "identity",
    )


def test_a_hung_server_passes_every_gate_for_a_person_and_automation() -> None:
    for by in (ANN, ROBOT):
        assert set(words(situation(by=by)).values()) == {Word.ALLOWED}


def test_a_reboot_after_both_milder_rungs_waits_for_people_only() -> None:
    found = words(rebooting())

    assert found.pop("approval") is Word.WAITING
    assert set(found.values()) == {Word.ALLOWED}


@pytest.mark.parametrize("gate", sorted(REFUSING))
def test_one_fact_makes_one_gate_refuse_whatever_the_others_say(
    gate: str,
) -> None:
    assert words(REFUSING[gate])[gate] is Word.REFUSED


@pytest.mark.parametrize(
    "gate", sorted(set(REFUSING) - {"budget", "starting", "crash_loop"})
)
def test_nothing_else_refuses_for_that_fact(gate: str) -> None:
    found = refused(weigh(REFUSING[gate]))

    assert [one.gate for one in found] == [gate]


def test_three_tries_within_the_hour_are_the_breakers_matter_too() -> None:
    found = refused(weigh(REFUSING["budget"]))

    assert [one.gate for one in found] == ["budget", "breaker"]


@given(situations)
def test_every_situation_is_weighed_by_every_gate_with_a_sentence(
    any_: Situation,
) -> None:
    verdicts = weigh(any_)

    assert tuple(one.gate for one in verdicts) == GATES
    assert all(one.because for one in verdicts)
    assert weigh(any_) == verdicts


@given(situations)
def test_automation_never_passes_where_a_person_is_refused(
    any_: Situation,
) -> None:
    person = words(replace(any_, by=ANN, break_glass=None))

    robot = words(replace(any_, by=ROBOT, break_glass=None))

    for gate in GATES:
        if person[gate] is Word.REFUSED:
            assert robot[gate] is Word.REFUSED
        if robot[gate] is Word.ALLOWED:
            assert person[gate] is not Word.REFUSED


@given(situations)
def test_break_glass_changes_one_verdict_and_the_approval(
    any_: Situation,
) -> None:
    before = words(replace(any_, by=ANN, break_glass=None))

    for gate in (*GATES, "nothing"):
        after = words(replace(any_, by=ANN, break_glass=glass(gate)))
        changed = {one for one in GATES if before[one] is not after[one]}
        assert changed <= {gate, "approval"}
        if gate in SKIPPABLE:
            assert after[gate] is Word.SKIPPED
        else:
            assert changed <= {"approval"}
            assert Word.SKIPPED not in after.values()


@given(situations)
def test_break_glass_never_passes_without_another_person(
    any_: Situation,
) -> None:
    alone = replace(
        any_,
        by=ANN,
        break_glass=glass("cooldown"),
        approvals=approved(ANN, ROBOT),
    )

    assert words(alone)["approval"] is Word.WAITING


def test_what_guards_the_right_thing_is_never_skipped() -> None:
    assert set(GATES) - SKIPPABLE == UNSKIPPABLE
    for gate in UNSKIPPABLE - {"approval"}:
        given_ = replace(REFUSING[gate], break_glass=glass(gate))
        assert word(gate, given_) is Word.REFUSED


def test_why_a_gate_may_not_be_skipped_is_told_before_anything_else() -> None:
    assert {gate for gate in GATES if not may_skip(gate)} == SKIPPABLE
    assert may_skip("lock") == (
        "cannot skip the gate lock: nobody may; others are maintenance,"
        " healthy, stopped, starting, crash_loop, diagnosis, second_vantage,"
        " busy, cooldown, budget, breaker, blast_radius"
    )
    assert may_skip("coldown").startswith(
        "cannot skip the gate 'coldown': there is none; there are maintenance"
    )


def test_a_skipped_gate_says_who_skips_it_why_and_what_it_said() -> None:
    given_ = situation(
        past=(deed(500.0),),
        break_glass=glass("cooldown", "customers wait"),
        approvals=approved(BOB),
    )

    assert verdict("cooldown", given_) == Verdict(
        gate="cooldown",
        word=Word.SKIPPED,
        because="skipped by ann (customers wait); else refused: restart was"
        " done 7 min ago (change c500), within the cooldown of 10 min",
    )
    assert not refused(weigh(given_))
    assert not waits(weigh(given_))


@pytest.mark.parametrize("reason", ["", " \t"])
def test_a_gate_is_not_skipped_without_a_reason(reason: str) -> None:
    given_ = situation(
        past=(deed(500.0),), break_glass=glass("cooldown", reason)
    )

    assert word("cooldown", given_) is Word.REFUSED


def test_automation_cannot_break_glass() -> None:
    given_ = situation(
        by=ROBOT,
        past=(deed(500.0),),
        break_glass=glass("cooldown"),
        approvals=approved(ANN, BOB),
    )

    assert word("cooldown", given_) is Word.REFUSED


def test_verdicts_that_refuse_or_wait_are_found() -> None:
    given_ = rebooting(service=replace(SERVICE, boot_id=""))

    assert [one.gate for one in refused(weigh(given_))] == ["identity"]
    assert [one.gate for one in waits(weigh(given_))] == ["approval"]


@pytest.mark.parametrize("gate", sorted(AT_EACH_RUNG))
def test_what_each_rung_is_weighed_by_does_not_hold_recover_back(
    gate: str,
) -> None:
    recover = situation(
        action=Action.RECOVER,
        diagnosis=diagnosis("gpu_lost"),
        service=None,
        work=Work(jobs=("job 7",), moves=True, waited=600.0),
        past=(deed(900.0), deed(800.0), deed(500.0)),
    )

    assert verdict(gate, recover) == Verdict(
        gate=gate, word=Word.ALLOWED, because="weighed at each rung"
    )
    assert not refused(weigh(recover))
    assert not waits(weigh(recover))


def test_what_rungs_cannot_know_better_holds_recover_back() -> None:
    held = {
        gate: word(gate, replace(given_, action=Action.RECOVER))
        for gate, given_ in REFUSING.items()
        if gate not in AT_EACH_RUNG
    }

    assert set(held.values()) == {Word.REFUSED}
    assert set(held) == set(GATES) - AT_EACH_RUNG - {"approval"}
