"""`drill`: what was tried, what each rung would do, and the exit code."""

import json

import pytest

from tests.cli.operating import Operator, golden
from tests.fakes.recovery_documents import drill, rehearsed, tried

REFUSED = rehearsed(
    "reboot",
    "refuse",
    because="apt is at work",
    notes=["two GPUs before"],
    by_hand=["wait for apt", "sudo systemctl reboot"],
)


def test_all_that_is_ready_is_told_and_exits_0(operator: Operator) -> None:
    said = operator.says("drill", "studio")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("drill of studio: nothing was done to it\n")
    assert "acting gate of gpu1  worked  acting gate of gpu1" in said.out
    assert "restart: would run, because of run" in said.out
    assert "1. ask systemd to restart it" in said.out
    assert "free-gpu-memory: not applicable" in said.out
    assert "reboot: would wait, because of wait" in said.out
    assert "gate healthy, refused: the server is well" in said.out
    assert said.out.endswith("ready: every rung that applies could go\n")
    assert operator.desk.asked[-1].path.endswith("/targets/studio/drills")


def test_a_drill_reads_as_it_is_promised(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    operator.desk.rehearsal = drill(
        exercises=[
            tried("acting gate of gpu1"),
            tried("reboot gate of gpu1", passed=False),
            tried("canary of studio", passed=None),
        ],
        rungs=[
            rehearsed("restart", "run", steps=["ask systemd", "look"]),
            rehearsed("free-gpu-memory", "not_applicable", gates=[]),
            REFUSED,
        ],
        ready=False,
    )

    said = operator.says("drill", "studio")

    assert said.out == golden("drill.txt", said.out, request)


def test_what_could_not_go_exits_1_and_is_named(operator: Operator) -> None:
    operator.desk.rehearsal = drill(
        ready=False,
        exercises=[
            tried("a canary", passed=False),
            tried("reboot key", passed=None),
        ],
        rungs=[rehearsed("restart", "run"), REFUSED],
    )

    said = operator.says("drill", "studio")

    assert said.code == 1
    assert "reboot: would be REFUSED, apt is at work" in said.out
    assert "two GPUs before" in said.out
    assert "  2. sudo systemctl reboot" in said.out
    assert ["a", "canary", "failed"] == said.lines[3][:3]
    assert ["reboot", "key", "not", "tried"] == said.lines[4][:4]
    assert said.out.endswith("not ready: see reboot, a canary\n")


@pytest.mark.parametrize("ready", [True, False])
def test_json_is_the_document_of_the_wire(
    operator: Operator, *, ready: bool
) -> None:
    operator.desk.rehearsal = drill(ready=ready)

    said = operator.says("drill", "studio", "--format", "json")

    assert said.code == (0 if ready else 1)
    told = json.loads(said.out)
    assert {k: v for k, v in told.items() if k != "at"} == drill(ready=ready)


def test_an_unknown_target_is_a_mistake(operator: Operator) -> None:
    said = operator.says("drill", "attic")

    assert (said.code, said.out) == (64, "")
    assert said.err.startswith("cannot find target 'attic'")


def test_words_of_a_host_move_no_cursor(operator: Operator) -> None:
    operator.desk.rehearsal = drill(
        exercises=[tried("\x1b[2J[red]x[/]")], cause="\x1b[2J"
    )

    said = operator.says("drill", "studio")

    assert "\x1b" not in said.out
    assert "[red]x[/]" in said.out
