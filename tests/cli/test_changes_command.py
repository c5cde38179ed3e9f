"""`changes`: what was done, by whom, and how it ended."""

import json

import pytest

from tests.cli.operating import Operator, golden
from tests.fakes.daemon_documents import Json
from tests.fakes.recovery_documents import CHANGE, change, ended

SENT = change(state="sent", progress="the gate has it")


@pytest.fixture
def busy(operator: Operator) -> Operator:
    operator.desk.past = [
        change("c3", state="verifying"),
        ended("expired", begun=False, id="c2", target="attic"),
        ended("failed", id="c1"),
    ]
    return operator


def test_the_newest_is_last_and_each_says_how_it_ended(
    busy: Operator,
) -> None:
    said = busy.says("changes")

    heading, *rows = said.lines
    assert (said.code, said.err) == (0, "")
    assert heading == [
        *("ASKED", "(UTC)", "ID", "TARGET", "ACTION", "BY", "STATE"),
        *("TOOK", "BECAUSE"),
    ]
    assert [" ".join(row[2:]) for row in rows] == [
        "c1 studio restart ann failed 42s because of failed",
        "c2 attic restart ann expired - because of expired",
        "c3 studio restart ann verifying - it was applied",
    ]
    assert "\x1b" not in said.out


def test_it_asks_for_one_target_and_so_many(busy: Operator) -> None:
    said = busy.says("changes", "--target", "studio", "--limit", "1")

    assert busy.desk.asked[-1].query == {"target": "studio", "limit": "1"}
    assert len(said.lines) == 2
    assert said.err == "there are more: --limit shows more of them\n"


def test_json_is_the_document_of_the_wire(
    busy: Operator, request: pytest.FixtureRequest
) -> None:
    said = busy.says("changes", "--format", "json")

    assert said.code == 0
    assert said.out == golden("changes.json", said.out, request)


def test_nothing_done_is_said_to_be_nothing(operator: Operator) -> None:
    said = operator.says("changes")

    assert said.out == "nothing was done: there is no change\n"


def test_one_change_is_shown_in_full(operator: Operator) -> None:
    operator.desk.course = [ended("failed", cancel_asked_by="bob")]

    said = operator.says("changes", CHANGE)

    told = dict(line.split(":", 1) for line in said.out.splitlines())
    assert said.code == 0
    assert {name: value.strip() for name, value in told.items()} == {
        "change": CHANGE,
        "plan": "2f1c6d7e8b9a4c3d9e0f1a2b3c4d5e6f",
        "action": "restart studio",
        "host": "gpu1",
        "asked for by": "ann (person)",
        "asked for at": "2026-11-22 16:00:00 UTC",
        "begun at": "2026-11-22 16:00:10 UTC",
        "state": "failed",
        "since": "2026-11-22 16:00:52 UTC",
        "because": "because of failed",
        "newest": "because of failed",
        "stop asked by": "bob",
    }


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (ended("denied", begun=False), "never: nothing was done"),
        (change(), "not yet"),
    ],
)
def test_a_change_says_whether_anything_was_begun(
    operator: Operator, now: Json, said: str
) -> None:
    operator.desk.course = [now]

    told = operator.says("changes", CHANGE)

    assert f"begun at:      {said}" in told.out


def test_one_change_as_json_is_the_document_of_the_wire(
    operator: Operator,
) -> None:
    operator.desk.course = [SENT]

    said = operator.says("changes", CHANGE, "--format", "json")

    assert json.loads(said.out)["state"] == "sent"


@pytest.mark.parametrize(
    ("outcome", "code"), [("succeeded", 0), ("denied", 1), ("failed", 2)]
)
def test_one_may_be_followed_and_exits_like_apply(
    operator: Operator, outcome: str, code: int
) -> None:
    operator.desk.course = [SENT, SENT, ended(outcome)]

    said = operator.says("changes", CHANGE, "--follow")

    assert said.code == code
    assert "sent        the gate has it" in said.out
    assert f"restart of studio: {outcome}" in said.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--follow",), "cannot follow all changes: name one"),
        (("c;1",), "cannot use CHANGE: 'c;1' is not an id"),
        (("--target", "a b"), "cannot use TARGET: 'a b' is not small"),
        (("--limit", "0"), "cannot understand the command: "),
        (("c1", "--wait", "2"), "cannot use --wait: '2' has no unit"),
    ],
)
def test_bad_usage_is_told_in_one_line_and_sends_nothing(
    operator: Operator, arguments: tuple[str, ...], error: str
) -> None:
    said = operator.says("changes", *arguments)

    assert said.code == 64
    assert said.err.startswith(error)
    assert said.err.count("\n") == 1
    assert operator.desk.asked == []


def test_words_of_others_move_no_cursor_and_are_no_markup(
    operator: Operator,
) -> None:
    strange = "[red]x\x1b[2J\ny"
    operator.desk.past = [change(because=strange)]
    operator.desk.course = [
        change(progress=strange),
        change(progress=strange),
        ended("failed", because=strange, progress=strange),
    ]

    table = operator.says("changes")
    one = operator.says("changes", CHANGE)
    followed = operator.says("changes", CHANGE, "--follow")

    for said in (table, one, followed):
        assert "\x1b" not in said.out
        assert "[red]x [2J y" in said.out
