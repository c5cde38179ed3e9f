"""`apply`: a plan is carried out, and followed to its outcome."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from tests.cli.operating import Operator, Terminal, golden
from tests.fakes.daemon_api import Asked, Said, problem
from tests.fakes.recovery_documents import (
    CHANGE,
    PLAN,
    change,
    ended,
    gate,
    plan,
)

APPLY = ("apply", PLAN, "--confirm", "studio")
WAITS = change(state="waiting", progress="waits for 1 approval")
SENT = change(state="sent", progress="the gate has it")
VERIFIES = change(state="verifying", progress="status 2 of 3")


def test_it_tells_how_it_goes_on_and_how_it_ended(
    operator: Operator, request: pytest.FixtureRequest
) -> None:
    operator.desk.course = [change(), SENT, SENT, VERIFIES, ended("succeeded")]

    said = operator.says(*APPLY)

    assert (said.code, said.err) == (0, "")
    assert said.out == golden("apply.txt", said.out, request)
    assert operator.desk.bodies == [{"confirm": "studio"}]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("succeeded", 0),
        ("refused", 1),
        ("denied", 1),
        ("cancelled", 1),
        ("expired", 1),
        ("timed_out", 1),
        ("attached", 1),
        ("planned_only", 1),
        ("failed", 2),
        ("gave_up", 2),
        ("interrupted", 3),
    ],
)
def test_the_exit_code_is_that_of_the_outcome(
    operator: Operator, outcome: str, code: int
) -> None:
    operator.desk.course = [change(), ended(outcome)]

    assert operator.says(*APPLY).code == code


def test_what_was_never_begun_is_said_to_be_nothing(
    operator: Operator,
) -> None:
    operator.desk.course = [WAITS, ended("expired", begun=False)]

    said = operator.says(*APPLY)

    last = "restart of studio: expired; nothing was done"
    assert said.out.splitlines()[-1] == last


def test_what_was_begun_is_never_said_to_be_nothing(
    operator: Operator,
) -> None:
    operator.desk.course = [SENT, ended("failed")]

    said = operator.says(*APPLY)

    assert said.out.splitlines()[-1] == "restart of studio: failed"


def test_json_is_the_document_of_how_it_ended(operator: Operator) -> None:
    operator.desk.course = [change(), SENT, ended("failed")]

    said = operator.says(*APPLY, "--format", "json")

    assert said.code == 2
    assert json.loads(said.out)["outcome"] == "failed"


def test_detached_it_is_begun_and_not_followed(operator: Operator) -> None:
    operator.desk.course = [change(), ended("succeeded")]

    said = operator.says(*APPLY, "--detach")

    assert said.code == 3
    assert f"`facefusion-monitor changes {CHANGE} --follow`" in said.err
    assert operator.desk.asked[-1].method == "POST"


def test_detached_as_json_gives_the_id(operator: Operator) -> None:
    operator.desk.course = [change()]

    said = operator.says(*APPLY, "--detach", "--format", "json")

    assert json.loads(said.out)["id"] == CHANGE


def after(
    operator: Operator, questions: int, then: Callable[[], None]
) -> None:
    """Do something as the daemon is asked for the change so many times."""
    seen: list[Asked] = []

    def answer(asked: Asked) -> Said:
        if asked.method == "GET":
            seen.append(asked)
        if len(seen) == questions:
            then()
        operator.desk.instead = None
        try:
            return operator.desk.answer(
                asked.method, asked.path, asked.headers, asked.body
            )
        finally:
            operator.desk.instead = answer

    operator.desk.instead = answer


def interrupt() -> None:
    """What Ctrl-C does to the thread at the terminal."""
    assert threading.main_thread().ident is not None
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("output", ["text", "json"])
def test_ctrl_c_stops_only_the_following(
    operator: Operator, output: str
) -> None:
    operator.desk.course = [change(), SENT]
    after(operator, 2, interrupt)

    said = operator.says(*APPLY, "--format", output)

    assert said.code == 3
    assert f"change {CHANGE} goes on by itself" in said.err
    assert f"`facefusion-monitor changes {CHANGE} --follow`" in said.err
    assert "cancelled" not in said.out + said.err


def test_ctrl_c_before_an_answer_says_that_nobody_knows(
    operator: Operator,
) -> None:
    operator.desk.course = [change(), SENT]

    def answer(asked: Asked) -> Said:
        interrupt()
        return problem(503, f"cannot answer {asked.path}")

    operator.desk.instead = answer

    said = operator.says(*APPLY)

    assert said.code == 3
    assert said.err == (
        f"cannot wait for plan {PLAN}: interrupted; if it was begun it goes"
        " on by itself: `facefusion-monitor changes` shows it\n"
    )


def test_a_daemon_that_goes_away_stops_only_the_following(
    operator: Operator,
) -> None:
    operator.desk.course = [change(), SENT]

    said = operator.says(*APPLY, "--wait", "1ms")

    assert said.code == 3
    assert said.err.startswith(f"cannot wait longer for change {CHANGE}: ")
    assert f"change {CHANGE} goes on by itself" in said.err


def test_a_daemon_that_cannot_answer_meanwhile_is_waited_for_aloud(
    operator: Operator,
) -> None:
    operator.desk.course = [change(), ended("succeeded")]
    asked: list[Asked] = []

    def answer(one: Asked) -> Said:
        asked.append(one)
        if one.method == "GET" and len(asked) in {2, 3}:
            return problem(503, "cannot read the state database")
        operator.desk.instead = None
        try:
            return operator.desk.answer(
                one.method, one.path, one.headers, one.body
            )
        finally:
            operator.desk.instead = answer

    operator.desk.instead = answer
    said = operator.says(*APPLY)

    assert said.code == 0
    assert said.err == "cannot read the state database; waiting for it\n"


def test_a_token_that_is_withdrawn_meanwhile_is_no_outcome(
    operator: Operator,
) -> None:
    operator.desk.course = [change(), SENT]

    def withdraw() -> None:
        operator.desk.wants = "another"

    after(operator, 2, withdraw)

    said = operator.says(*APPLY)

    assert said.code == 3
    assert "--token-file" in said.err
    assert f"change {CHANGE} goes on by itself" in said.err


def test_at_a_terminal_the_name_is_asked_for(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.desk.course = [ended("succeeded")]
    monkeypatch.setattr(sys, "stdin", Terminal("studio\n"))

    said = operator.says("apply", PLAN)

    assert said.code == 0
    assert operator.desk.bodies == [{"confirm": "studio"}]
    assert "- ask systemd to restart facefusion.service" in said.err
    assert "- users lose: job 7, a swap, for 12 s" in said.err
    assert "To restart studio on gpu1, type studio:" in said.err


@pytest.mark.parametrize("typed", ["attic\n", "\n"])
def test_another_name_is_refused_and_nothing_is_done(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    said = operator.says("apply", PLAN)

    assert said.code == 1
    assert said.err.splitlines()[-1].endswith("type its name")


def test_nobody_at_the_terminal_means_no(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))

    said = operator.says("apply", PLAN)

    assert said.code == 130
    assert operator.desk.bodies == []


def test_without_a_terminal_the_name_must_be_given(
    operator: Operator,
) -> None:
    said = operator.says("apply", PLAN)

    assert said.code == 1
    assert said.err.startswith(f"cannot apply plan {PLAN} unasked: nobody is")
    assert operator.desk.bodies == []


def test_a_plan_that_asks_for_no_name_asks_nobody(operator: Operator) -> None:
    operator.desk.plans[PLAN] = plan(confirm="")
    operator.desk.course = [ended("succeeded")]

    said = operator.says("apply", PLAN)

    assert (said.code, said.err) == (0, "")


def test_a_plan_that_does_not_hold_any_more_shows_its_gates(
    operator: Operator,
) -> None:
    refusal = problem(409, "cannot apply this plan: studio is healthy again")
    body = json.loads(refusal.body) | {
        "steps": ["look at it"],
        "gates": [gate("healthy", "refused", "it is well")],
    }
    operator.desk.refusal = Said(
        409, json.dumps(body).encode(), refusal.headers
    )

    text = operator.says(*APPLY)
    as_json = operator.says(*APPLY, "--format", "json")

    assert (text.code, as_json.code) == (1, 1)
    assert ["healthy", "refused", "it", "is", "well"] in text.lines
    assert text.err == "cannot apply this plan: studio is healthy again\n"
    assert json.loads(as_json.out)["gates"][0]["word"] == "refused"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("apply", "a;b"), "cannot use PLAN: 'a;b' is not an id"),
        (("apply", "../changes"), "cannot use PLAN: "),
        (("apply", PLAN, "--wait", "2"), "cannot use --wait: '2' has no unit"),
        (("apply",), "cannot understand the command: Missing argument 'PLAN'"),
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


@pytest.mark.parametrize("confirm", [("--confirm", "studio"), ()])
def test_an_unknown_plan_is_bad_usage(
    operator: Operator, confirm: tuple[str, ...]
) -> None:
    said = operator.says("apply", "p9", *confirm)

    assert said.code == 64
    assert said.err == (
        f"cannot find plan 'p9': the daemon at {operator.url} has none of"
        " that id; `facefusion-monitor plan` makes one and shows its id\n"
    )
