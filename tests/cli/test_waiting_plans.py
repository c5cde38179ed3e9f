"""Plans that wait for somebody's word are found, and told from changes."""

import json
from typing import Any

import pytest

from tests.cli.operating import Operator
from tests.fakes.recovery_documents import (
    CHANGE,
    PLAN,
    approved,
    change,
    plan,
)

ONE = {"needed": 1, "given": []}


def test_a_plan_that_waits_is_above_the_changes(operator: Operator) -> None:
    operator.desk.plans = {"p1": plan("p1", approvals=ONE, action="reboot")}
    operator.desk.past = [change()]

    said = operator.says("changes")

    assert said.out.splitlines()[:4] == [
        "waits for approval: reboot studio on gpu1, by ann: it hangs",
        (
            "  another person must agree within 15m. What it would do, and to"
            " agree:"
        ),
        "  facefusion-monitor changes p1",
        "  facefusion-monitor approve p1",
    ]
    assert CHANGE in said.out


def test_an_applied_plan_that_waits_is_shown_too(operator: Operator) -> None:
    operator.desk.plans = {
        "p1": plan("p1", approvals=ONE, state="applied", change=CHANGE)
    }

    assert "approve p1" in operator.says("changes").out


@pytest.mark.parametrize(
    "odd",
    [
        {"approvals": {"needed": 0, "given": []}},
        {"approvals": {"needed": 1, "given": [approved()]}},
        {"approvals": ONE, "state": "over"},
        {"approvals": ONE, "state": "over", "outcome": "denied"},
        {"approvals": ONE, "state": "applied", "outcome": "refused"},
    ],
)
def test_what_waits_for_nobody_is_not_shown(
    operator: Operator, odd: dict[str, Any]
) -> None:
    operator.desk.plans = {"p1": plan("p1", **odd)}

    assert "waits" not in operator.says("changes").out


def test_only_plans_of_the_target_are_shown(operator: Operator) -> None:
    operator.desk.plans = {
        "p1": plan("p1", approvals=ONE),
        "p2": plan("p2", approvals=ONE, target="attic"),
    }

    said = operator.says("changes", "--target", "attic")

    assert "approve p2" in said.out
    assert "approve p1" not in said.out


def test_programs_find_them_as_waiting(operator: Operator) -> None:
    operator.desk.plans = {"p1": plan("p1", approvals=ONE)}

    told = json.loads(operator.says("changes", "--format", "json").out)

    assert [one["id"] for one in told["waiting"]] == ["p1"]


def test_a_plan_is_shown_by_its_id_and_said_to_be_one(
    operator: Operator,
) -> None:
    said = operator.says("changes", PLAN)

    assert said.code == 0
    assert said.err == f"{PLAN} is a plan, no change:\n"
    assert said.out.startswith(f"plan {PLAN}: restart studio on gpu1\n")


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({}, f"that nobody has applied; `facefusion-monitor deny {PLAN}"),
        (
            {"state": "applied", "change": CHANGE},
            f"it was applied as change {CHANGE}",
        ),
        (
            {"state": "over", "outcome": "denied"},
            "it is over, and nothing was done by it",
        ),
    ],
)
@pytest.mark.parametrize("command", [("cancel",), ("changes", "--follow")])
def test_a_plan_is_neither_cancelled_nor_followed(
    operator: Operator,
    command: tuple[str, ...],
    odd: dict[str, Any],
    told: str,
) -> None:
    operator.desk.plans = {PLAN: plan(**odd)}

    said = operator.says(*command, PLAN)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"cannot find change {PLAN}: that is a plan")
    assert told in said.err


@pytest.mark.parametrize("command", ["cancel", "changes"])
def test_what_is_neither_is_not_found(
    operator: Operator, command: str
) -> None:
    said = operator.says(command, "nonsense")

    assert said.code == 64
    assert said.err.startswith("cannot find change 'nonsense'")


def test_what_automation_planned_waits_for_a_person_to_apply_it(
    operator: Operator,
) -> None:
    ours = plan(trigger="automation", asked_by="automation: alert X")
    operator.desk.plans = {
        PLAN: ours,
        "p2": plan("p2", trigger="automation", change="c1", state="applied"),
        "p3": plan("p3"),
    }

    said = operator.says("changes")

    lines = said.out.splitlines()
    assert lines[0] == (
        "waits for a person: restart studio on gpu1, by automation: alert X:"
        " it hangs"
    )
    assert lines[3] == f"  facefusion-monitor apply {PLAN} --confirm studio"
    assert "p2" not in said.out
    assert "p3" not in said.out
