"""`history`: what happened, the newest line last."""

import json

import pytest

from monitor.adapters.clock import SystemClock
from tests.cli.asking import Person
from tests.fakes.daemon_documents import entry


@pytest.fixture
def eventful(person: Person) -> Person:
    person.daemon.histories["studio"] = [
        entry(
            9,
            "canary",
            check="canary.age",
            result="slow",
            duration_seconds=4.5,
            health="degraded",
            maintenance=True,
        ),
        entry(8, "transition", before="unhealthy"),
        entry(7, "failed_look", health="unhealthy", reason="timeout"),
    ]
    return person


def test_the_newest_line_is_last(eventful: Person) -> None:
    said = eventful.says("history", "studio")

    times = [line[1] for line in said.lines[1:]]
    assert (said.code, said.err) == (0, "")
    assert times == ["15:07:00", "15:08:00", "15:09:00"]


def test_each_kind_of_line_says_what_happened(eventful: Person) -> None:
    said = eventful.says("history", "studio")

    failed, changed, ran = said.out.splitlines()[1:]
    assert "status" in failed
    assert "failed: timeout" in failed
    assert "unhealthy → healthy" in changed
    assert "canary.age" in ran
    assert "slow (maintenance)" in ran
    assert "4.50" in ran


def test_it_asks_for_so_many_days_and_lines(eventful: Person) -> None:
    said = eventful.says("history", "studio", "--since", "2d", "--limit", "2")

    asked = eventful.daemon.asked[-1]
    assert said.code == 0
    assert asked.path == "/api/v1/targets/studio/history"
    assert asked.query["limit"] == "2"
    # The command asks the machine's own clock; a minute is enough for it.
    assert SystemClock().now() - float(asked.query["since"]) == pytest.approx(
        2 * 86_400, abs=60
    )
    assert "there is more" in said.err


def test_json_is_the_document_of_the_wire(eventful: Person) -> None:
    said = eventful.says("history", "studio", "--format", "json")

    ids = [line["id"] for line in json.loads(said.out)["entries"]]
    assert ids == [9, 8, 7]


def test_a_quiet_week_is_said_to_be_one(person: Person) -> None:
    said = person.says("history", "studio")

    assert (said.code, said.out) == (
        0,
        "nothing happened to studio meanwhile\n",
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("studio", "--since", "7"), "cannot use --since: '7' has no unit"),
        (("studio", "--since", "-1d"), "cannot use --since: '-1d' is neg"),
        (("studio", "--limit", "0"), "cannot understand the command: "),
        ((), "cannot understand the command: "),
        (("stranger",), "cannot find target 'stranger': the daemon at "),
    ],
)
def test_bad_usage_is_told_in_one_line(
    person: Person, arguments: tuple[str, ...], error: str
) -> None:
    said = person.says("history", *arguments)

    assert said.code == 64
    assert said.err.startswith(error)
    assert said.err.count("\n") == 1
