"""A recover at the terminal: it is followed rung by rung."""

import pytest

from tests.cli.operating import Operator, golden
from tests.fakes.daemon_documents import Json
from tests.fakes.recovery_documents import (
    CHANGE,
    PLAN,
    approved,
    change,
    ended,
    plan,
    rung,
)

RUNG_WAITS = rung(
    "reboot",
    id=None,
    state=None,
    because="it waits to be applied",
    approvals={"needed": 1, "given": []},
    confirm="gpu1",
)
OVER = {"state": "ended", "outcome": "failed", "because": "it answers 500"}


def climbing(*rungs: Json, **more: object) -> Json:
    on = change(action="recover", state="climbing", progress="it climbs")
    return on | {"rungs": list(rungs)} | more


def followed(operator: Operator, *course: Json) -> list[str]:
    operator.desk.course = list(course)
    said = operator.says("apply", PLAN, "--confirm", "studio")
    assert said.err == ""
    return [line.strip() for line in said.out.splitlines()]


def test_rungs_are_shown_as_they_go(operator: Operator) -> None:
    lines = followed(
        operator,
        change(action="recover"),
        climbing(),
        climbing(rung()),
        climbing(rung()),
        climbing(rung(**OVER)),
        climbing(rung(**OVER), rung("free-gpu-memory")),
        ended("succeeded", begun=False, action="recover", done=True),
    )

    assert [line for line in lines if line.startswith("rung ")] == [
        "rung restart: sent, the gate has it",
        "rung restart: failed, it answers 500",
        "rung free-gpu-memory: sent, the gate has it",
    ]
    assert sum("climbing" in line for line in lines) == 1
    assert lines[-1] == "recover of studio: succeeded"


def test_a_recover_that_is_followed_reads_as_it_is_promised(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    given = {"needed": 1, "given": [approved()]}
    waits = RUNG_WAITS | {"id": "c-reboot", "state": "waiting"}
    boots = waits | {"state": "verifying", "because": "it is not back yet"}
    back = boots | {"state": "ended", "outcome": "succeeded"}
    restart, freed = rung(**OVER), rung("free-gpu-memory", **OVER)
    operator.desk.course = [
        change(action="recover"),
        climbing(),
        climbing(rung()),
        climbing(restart, rung("free-gpu-memory")),
        climbing(restart, freed, RUNG_WAITS),
        climbing(restart, freed, waits),
        climbing(restart, freed, boots | {"approvals": given}),
        ended(
            "succeeded",
            begun=False,
            action="recover",
            done=True,
            rungs=[restart, freed, back | {"because": "it was booted"}],
        ),
    ]

    said = operator.says("apply", PLAN, "--confirm", "studio")

    assert (said.code, said.err) == (0, "")
    assert said.out == golden("recover.txt", said.out, request)


def test_a_reboot_says_what_people_have_to_type(operator: Operator) -> None:
    lines = followed(
        operator,
        change(action="recover"),
        climbing(rung(**OVER), RUNG_WAITS),
        ended("gave_up", begun=False, action="recover", done=True),
    )

    at = lines.index("rung reboot: planned, it waits to be applied")
    assert lines[at + 1 : at + 5] == [
        "to go on, apply it:",
        "facefusion-monitor apply p-reboot --confirm gpu1",
        "another person must agree:",
        "facefusion-monitor approve p-reboot",
    ]


def test_an_applied_reboot_still_names_the_approval(
    operator: Operator,
) -> None:
    waits = RUNG_WAITS | {"id": "c-reboot", "state": "waiting"}
    agreed = waits | {"approvals": {"needed": 1, "given": [approved()]}}

    lines = followed(
        operator,
        change(action="recover"),
        climbing(waits),
        climbing(agreed),
        ended("gave_up", begun=False, action="recover", done=True),
    )

    assert sum("--confirm" in line for line in lines) == 0
    assert sum("approve p-reboot" in line for line in lines) == 1


def test_the_age_of_an_approval_is_no_news(operator: Operator) -> None:
    def given(age: float) -> Json:
        word = approved() | {"age_seconds": age}
        return climbing(rung(approvals={"needed": 1, "given": [word]}))

    lines = followed(
        operator,
        change(action="recover"),
        *(given(float(n)) for n in range(4)),
        ended("failed", begun=False, action="recover", done=True),
    )

    assert sum(line.startswith("rung ") for line in lines) == 1


@pytest.mark.parametrize(
    ("outcome", "done", "said"),
    [
        ("gave_up", True, "recover of studio: gave_up"),
        ("refused", False, "recover of studio: refused; nothing was done"),
        ("interrupted", False, "recover of studio: interrupted"),
    ],
)
def test_that_nothing_was_done_is_said_only_where_it_is_sure(
    operator: Operator, outcome: str, done: object, said: str
) -> None:
    over = ended(outcome, begun=False, action="recover", done=done)

    assert followed(operator, change(action="recover"), over)[-1] == said


def test_one_recover_is_shown_with_its_rungs(operator: Operator) -> None:
    operator.desk.course = [climbing(rung(**OVER), RUNG_WAITS)]

    said = operator.says("changes", CHANGE)

    assert said.code == 0
    assert "begun at:      by its rungs, each for itself" in said.out
    assert "rung restart: failed, it answers 500" in said.out
    assert "facefusion-monitor approve p-reboot" in said.out


def test_a_rung_names_its_recover(operator: Operator) -> None:
    operator.desk.course = [change(parent="c-recover")]
    operator.desk.plans = {PLAN: plan(parent="c-recover")}

    of_change = operator.says("changes", CHANGE)
    of_plan = operator.says("changes", PLAN)

    assert "rung of:       c-recover" in of_change.out
    assert "a rung of the recover c-recover" in of_plan.out


def test_a_plan_shows_whom_it_touches_and_what_to_do_by_hand(
    operator: Operator,
) -> None:
    operator.desk.plans = {
        PLAN: plan(
            action="reboot",
            cards=["GPU-1"],
            bystanders=["carol is logged in"],
            notes=["pid 7 is left alone"],
            by_hand=["look with nvidia-smi", "sudo systemctl reboot"],
        )
    }

    said = operator.says("changes", PLAN)

    assert "GPUs whose memory it frees\n  GPU-1\n" in said.out
    assert "on the machine\n  carol is logged in\n" in said.out
    assert "to know\n  pid 7 is left alone\n" in said.out
    assert "  2. sudo systemctl reboot\n" in said.out
    assert f'facefusion-monitor attest {PLAN} --done "…"' in said.out


@pytest.mark.parametrize(
    ("action", "ends"),
    [
        ("reboot", "all that run on the machine"),
        ("recover", "those that each rung's own plan names"),
    ],
)
def test_who_ends_is_not_said_to_be_nobody(
    operator: Operator, action: str, ends: str
) -> None:
    operator.desk.plans = {PLAN: plan(action=action)}

    lines = operator.says("changes", PLAN).out
    told = [line.strip() for line in lines.splitlines()]

    assert told[told.index("processes that it ends") + 1] == ends


@pytest.mark.parametrize("action", ["recover", "free-gpu-memory", "reboot"])
def test_every_action_can_be_planned(operator: Operator, action: str) -> None:
    said = operator.says("plan", action, "studio", "--reason", "it hangs")

    assert said.code == 0
    assert operator.desk.bodies == [{"action": action, "reason": "it hangs"}]
    assert f"{action} studio on gpu1" in said.out
