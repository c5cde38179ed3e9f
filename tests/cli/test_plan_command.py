"""`plan`: what would be done, and whether it may; nothing is done."""

import json

import pytest

from tests.cli.operating import Operator, golden
from tests.fakes.daemon_api import Said, problem
from tests.fakes.recovery_documents import PLAN, gate, plan

RESTART = ("plan", "restart", "studio", "--reason", "it hangs")


def refused() -> Said:
    """A gate's refusal, as the daemon says it."""
    said = problem(409, "cannot restart studio: it is healthy again")
    body = json.loads(said.body) | {
        "steps": ["ask systemd to restart facefusion.service"],
        "gates": [
            gate("healthy", "refused", "it is healthy for 40 s"),
            gate("budget", "allowed", "2 of 3 are left"),
        ],
    }
    return Said(409, json.dumps(body).encode(), said.headers)


def test_a_plan_shows_everything_that_it_would_do(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    said = operator.says(*RESTART)

    assert (said.code, said.err) == (0, "")
    assert said.out == golden("plan.txt", said.out, request)
    assert operator.desk.bodies == [
        {"action": "restart", "reason": "it hangs"}
    ]


def test_json_is_the_document_of_the_wire(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    said = operator.says(*RESTART, "--format", "json")

    assert said.code == 0
    assert said.out == golden("plan.json", said.out, request)
    assert json.loads(said.out)["id"] == PLAN


def test_the_commands_that_come_next_can_be_copied(
    operator: Operator,
) -> None:
    said = operator.says(*RESTART)

    apply = f"  facefusion-monitor apply {PLAN} --confirm studio"
    assert said.out.splitlines()[-1] == apply
    assert "approve" not in said.out


def test_another_daemon_is_named_in_the_commands_that_come_next(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FACEFUSION_MONITOR_URL")

    said = operator.says(*RESTART, "--url", operator.url)

    assert said.out.rstrip().endswith(f"--confirm studio --url {operator.url}")


def test_a_gate_is_skipped_by_its_name_and_another_person_must_agree(
    operator: Operator,
) -> None:
    said = operator.says(*RESTART, "--break-glass", "cooldown")

    assert operator.desk.bodies[0]["break_glass"] == {
        "gate": "cooldown",
        "reason": "it hangs",
    }
    assert said.code == 0
    assert "skips the gate cooldown: it hangs" in said.out
    assert "another person must agree:" in said.out
    assert f"facefusion-monitor approve {PLAN}\n" in said.out
    assert "to do it, which then waits for that:" in said.out


def test_a_refusal_shows_every_gate_and_exits_1(operator: Operator) -> None:
    operator.desk.refusal = refused()

    said = operator.says(*RESTART)

    assert said.code == 1
    assert said.err == "cannot restart studio: it is healthy again\n"
    assert said.out.startswith("REFUSED by healthy: nothing was done\n")
    assert "1. ask systemd to restart facefusion.service" in said.out
    assert ["healthy", "refused", "it", "is", "healthy"] == said.lines[4][:5]
    assert ["budget", "allowed", "2", "of", "3"] == said.lines[5][:5]
    assert "apply" not in said.out


def test_a_refusal_as_json_has_steps_and_gates_and_no_id(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    operator.desk.refusal = refused()

    said = operator.says(*RESTART, "--format", "json")

    assert said.code == 1
    assert said.out == golden("plan-refused.json", said.out, request)
    assert "id" not in json.loads(said.out)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("plan", "restart", "a;reboot", "--reason", "x"),
            "cannot use TARGET: 'a;reboot' is not small letters",
        ),
        (
            ("plan", "restart", "$(id)", "--reason", "x"),
            "cannot use TARGET: '$(id)' is not small letters",
        ),
        (
            ("plan", "restart", "../studio", "--reason", "x"),
            "cannot use TARGET: ",
        ),
        (("plan", "restart", "", "--reason", "x"), "cannot use TARGET: ''"),
        (
            ("plan", "format-disk", "studio", "--reason", "x"),
            "cannot understand the command: Invalid value for ",
        ),
        (
            ("plan", "restart", "studio"),
            "cannot understand the command: Missing option '--reason'",
        ),
        (
            ("plan", "restart", "studio", "--reason="),
            "cannot plan for studio: --reason: it is empty; say it",
        ),
        (
            ("plan", "restart", "studio", "--reason", "  "),
            "cannot plan for studio: --reason: it must be one line with",
        ),
        (
            ("plan", "restart", "studio", "--reason", "a\nb"),
            "cannot plan for studio: --reason: it must be one line with",
        ),
        (
            ("plan", "restart", "studio", "--reason", "x" * 501),
            "cannot plan for studio: --reason: it is too long; shorten it",
        ),
        (
            (*RESTART, "--break-glass", "a b"),
            "cannot plan for studio: --break-glass: it is no name; use",
        ),
        (
            (*RESTART, "--break-glass", "`id`"),
            "cannot plan for studio: --break-glass: it is no name; use",
        ),
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


def test_an_empty_gate_is_no_gate_and_is_refused(operator: Operator) -> None:
    said = operator.says(*RESTART, "--break-glass=")

    assert said.code == 64
    assert operator.desk.asked == []


def test_an_unknown_target_is_bad_usage(operator: Operator) -> None:
    said = operator.says("plan", "restart", "attic", "--reason", "x")

    assert said.code == 64
    assert said.err == (
        f"cannot find target 'attic': the daemon at {operator.url} has none"
        " of that name; `facefusion-monitor status` lists them\n"
    )


def test_words_of_others_move_no_cursor_and_are_no_markup(
    operator: Operator,
) -> None:
    strange = "[red]x\x1b[2J\ny"
    operator.desk.instead = lambda _: Said(
        201,
        json.dumps(
            {"at": "2026-11-22T16:00:00Z"}
            | plan(steps=[strange], in_flight=[strange], reason=strange)
            | {"gates": [gate("busy", because=strange)]}
        ).encode(),
        {"Content-Type": "application/json"},
    )

    said = operator.says(*RESTART)

    assert "\x1b" not in said.out
    assert said.out.count("[red]x [2J y") == 4


def test_a_script_s_own_key_makes_two_requests_one(
    operator: Operator,
) -> None:
    operator.says(*RESTART, "--idempotency-key", "incident 42")
    operator.says(*RESTART, "--idempotency-key", "incident 42")
    operator.says(*RESTART)

    first, second, third = (
        one.headers["idempotency-key"] for one in operator.desk.asked
    )
    assert first == second == "incident 42"
    assert third not in {"", first}


@pytest.mark.parametrize(
    "key", ["a\nb", "ü", "k" * 256], ids=["line", "letter", "long"]
)
def test_a_key_that_is_none_is_refused(operator: Operator, key: str) -> None:
    said = operator.says(*RESTART, "--idempotency-key", key)

    assert said.code == 64
    assert "--idempotency-key" in said.err
    assert operator.desk.asked == []
