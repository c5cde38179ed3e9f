"""`approve`, `deny`, `attest`: what people say about a plan."""

import json

import pytest

from tests.cli.operating import Operator
from tests.fakes.daemon_api import problem
from tests.fakes.recovery_documents import PLAN, plan

WORDS = {
    "approve": ("approve", PLAN),
    "deny": ("deny", PLAN, "--reason", "no need"),
    "attest": ("attest", PLAN, "--done", "restarted it by hand"),
}


def test_an_approval_says_who_agreed_and_what_comes_next(
    operator: Operator,
) -> None:
    said = operator.says("approve", PLAN)

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"plan {PLAN} (restart studio on gpu1): open, 1 of 2 approvals (bob)",
        "another person must agree:",
        f"  facefusion-monitor approve {PLAN}",
        "to do it, which then waits for that:",
        f"  facefusion-monitor apply {PLAN} --confirm studio",
    ]


def test_a_plan_that_was_applied_before_its_approval_names_its_change(
    operator: Operator,
) -> None:
    operator.desk.plans[PLAN] = plan(state="applied", change="c1")

    said = operator.says("approve", PLAN)

    assert said.out.splitlines()[-1] == "  facefusion-monitor changes c1"


def test_two_that_are_missing_are_two_people(operator: Operator) -> None:
    operator.desk.instead = None
    operator.desk.plans[PLAN] = plan(
        approvals={"needed": 2, "given": []}, action="reboot", confirm="gpu1"
    )

    said = operator.says("plan", "reboot", "studio", "--reason", "x")
    denied = operator.says(*WORDS["deny"])

    assert "apply" in said.out
    assert denied.out == (
        f"plan {PLAN} (reboot studio on gpu1): denied, no need\n"
    )


def test_a_denial_carries_its_reason(operator: Operator) -> None:
    said = operator.says(*WORDS["deny"])

    assert said.code == 0
    assert said.out == (
        f"plan {PLAN} (restart studio on gpu1): denied, no need\n"
    )
    assert operator.desk.bodies == [{"reason": "no need"}]


def test_what_was_done_by_hand_is_put_down(operator: Operator) -> None:
    said = operator.says(*WORDS["attest"])

    assert said.code == 0
    assert "planned_only, restarted it by hand" in said.out
    assert operator.desk.bodies == [{"done": "restarted it by hand"}]


@pytest.mark.parametrize("command", WORDS)
def test_json_is_the_document_of_the_wire(
    operator: Operator, command: str
) -> None:
    said = operator.says(*WORDS[command], "--format", "json")

    assert said.code == 0
    assert json.loads(said.out)["id"] == PLAN


@pytest.mark.parametrize("command", WORDS)
def test_a_refusal_exits_1_with_its_reason(
    operator: Operator, command: str
) -> None:
    operator.desk.refusal = problem(
        403, "cannot approve this plan: ann asked for it herself"
    )

    said = operator.says(*WORDS[command])

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("cannot approve this plan: ann asked for it")


@pytest.mark.parametrize("command", WORDS)
def test_an_unknown_plan_is_bad_usage(
    operator: Operator, command: str
) -> None:
    _, _, *options = WORDS[command]

    said = operator.says(command, "p9", *options)

    assert said.code == 64
    assert said.err.startswith("cannot find plan 'p9': the daemon at http")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("approve", "a|b"), "cannot use PLAN: 'a|b' is not an id"),
        (("deny", "a|b", "--reason", "x"), "cannot use PLAN: 'a|b' is not"),
        (("attest", "a|b", "--done", "x"), "cannot use PLAN: 'a|b' is not"),
        (("approve",), "cannot understand the command: Missing argument"),
        (("deny", PLAN), "cannot understand the command: Missing option"),
        (("deny", PLAN, "--reason="), "cannot deny this plan: --reason: it"),
        (("attest", PLAN, "--done="), "cannot attest this plan: --done: it"),
    ],
)
def test_bad_usage_is_told_in_one_line_and_sends_nothing(
    operator: Operator, arguments: tuple[str, ...], error: str
) -> None:
    said = operator.says(*arguments)

    assert said.code == 64
    assert said.err.startswith(error)
    assert said.err.count("\n") == 1
    assert operator.desk.asked == []
