"""`maintenance`: planned work, and never without an end."""

import json

import pytest

from tests.cli.asking import Person
from tests.fakes.daemon_api import problem
from tests.fakes.daemon_documents import window

START = ("maintenance", "start", "--reason", "new driver")
STUDIO = (*START, "--target", "studio")


def body(person: Person) -> dict[str, object]:
    sent: dict[str, object] = json.loads(person.daemon.asked[-1].body)
    return sent


def test_work_is_started_for_a_while(person: Person) -> None:
    said = person.says(*STUDIO, "--for", "2h")

    assert said.code == 0
    assert said.out.startswith("studio: maintenance until 2026-11-22 18:00:00")
    assert "2h left" in said.out
    assert "`facefusion-monitor maintenance end w1`" in said.out
    assert body(person) == {
        "reason": "new driver",
        "duration_seconds": 7200.0,
        "targets": ["studio"],
        "hosts": [],
        "labels": {},
    }


def test_work_is_started_until_a_time(person: Person) -> None:
    said = person.says(*STUDIO, "--until", "2026-11-22T22:00+01:00")

    assert said.code == 0
    assert "until 2026-11-22 21:00:00 UTC" in said.out
    assert "duration_seconds" not in body(person)


def test_targets_hosts_and_labels_may_be_named_together(
    person: Person,
) -> None:
    said = person.says(
        *(*STUDIO, "--target", "attic", "--host", "gpu1", "--for", "1h"),
        *("--label", "site=studio", "--label", "rack=a=b"),
    )

    assert said.out.startswith(
        "studio, attic, host gpu1, label site=studio,rack=a=b: maintenance"
    )
    assert body(person)["labels"] == {"site": "studio", "rack": "a=b"}


def test_every_start_has_a_key_of_its_own(person: Person) -> None:
    for _ in range(2):
        person.says(*STUDIO, "--for", "1h")

    keys = {asked.headers["idempotency-key"] for asked in person.daemon.asked}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (STUDIO, "cannot start maintenance without exactly one end: "),
        (
            (*STUDIO, "--for", "1h", "--until", "2026-11-22T22:00Z"),
            "cannot start maintenance without exactly one end: ",
        ),
        ((*STUDIO, "--for", "2"), "cannot use --for: '2' has no unit"),
        (
            (*STUDIO, "--for", "31d"),
            "cannot start this maintenance: --for is more than 30 days",
        ),
        (
            ("maintenance", "start", *STUDIO[4:], "--for", "1h", "--reason="),
            "cannot start this maintenance: --reason is empty; say why",
        ),
        (
            ("maintenance", "start", *STUDIO[4:], "--for", "1h", "--reason= "),
            "cannot start this maintenance: --reason is empty; say why",
        ),
        (
            (*START[:2], "--reason", "x" * 501, "--for", "1h", *STUDIO[4:]),
            "cannot start this maintenance: --reason is longer than 500",
        ),
        (
            (*START, "--host", "A!", "--for", "1h"),
            "cannot start this maintenance: --host: 'A!' is no name; use",
        ),
        (
            (*START, "--label", "a=" + "b" * 1025, "--for", "1h"),
            "cannot start this maintenance: --label is longer than 1024",
        ),
        (
            (*START, *("--target", "a") * 501, "--for", "1h"),
            "cannot start this maintenance: --target is given more than 500",
        ),
        ((*STUDIO, "--until", "tonight"), "cannot use --until: 'tonight'"),
        ((*START, "--for", "1h"), "cannot start maintenance of nothing: "),
        (
            (*START, "--for", "1h", "--label", "site"),
            "cannot use --label: 'site' is not NAME=VALUE",
        ),
        (
            (*START, "--for", "1h", "--target", "a b"),
            "cannot start this maintenance: --target: 'a b' is no name; use",
        ),
        (
            ("maintenance", "start", "--target", "a", "--for", "1h"),
            "cannot understand the command: ",
        ),
    ],
)
def test_bad_usage_is_told_in_one_line_and_sends_nothing(
    person: Person, arguments: tuple[str, ...], error: str
) -> None:
    said = person.says(*arguments)

    assert said.code == 64
    assert said.err.startswith(error)
    assert said.err.count("\n") == 1
    assert person.daemon.asked == []


def test_work_is_listed_by_what_it_is_over(person: Person) -> None:
    over = window(id="w2", active=False, remaining_seconds=0.0, hosts=["gpu1"])
    to_come = window(id="w3", active=False, remaining_seconds=90000.0)
    person.daemon.windows = {"w1": window(), "w2": over, "w3": to_come}

    said = person.says("maintenance", "list")

    rows = said.out.splitlines()[1:]
    assert said.code == 0
    assert [row.split()[0] for row in rows] == ["w1", "w2", "w3"]
    assert "active" in rows[0]
    assert "2h" in rows[0]
    assert "ann" in rows[0]
    assert "over" in rows[1]
    assert "studio, host gpu1" in rows[1]
    assert "to come" in rows[2]
    assert "1d1h" in rows[2]


def test_no_work_is_said_to_be_none(person: Person) -> None:
    said = person.says("maintenance", "list")

    assert said.out.startswith("no maintenance")


def test_work_is_ended_by_its_id(person: Person) -> None:
    person.daemon.windows = {"w1": window()}

    said = person.says("maintenance", "end", "w1")

    assert (said.code, said.out) == (0, "studio: maintenance w1 ended\n")
    assert person.daemon.windows["w1"]["active"] is False


@pytest.mark.parametrize("command", ["list", "end"])
def test_json_is_the_document_of_the_wire(
    person: Person, command: str
) -> None:
    person.daemon.windows = {"w1": window()}
    arguments = ("end", "w1") if command == "end" else ("list",)

    said = person.says("maintenance", *arguments, "--format", "json")

    told = json.loads(said.out)
    work = told if command == "end" else told["maintenance"][0]
    assert work["id"] == "w1"


def test_a_start_as_json_gives_the_id(person: Person) -> None:
    said = person.says(*STUDIO, "--for", "1h", "--format", "json")

    assert json.loads(said.out)["id"] == "w1"


def test_an_unknown_id_is_bad_usage(person: Person) -> None:
    said = person.says("maintenance", "end", "w9")

    assert said.code == 64
    assert said.err == (
        f"cannot find maintenance 'w9': the daemon at {person.url} has none"
        " of that id under way or to come; `facefusion-monitor maintenance"
        " list` lists them\n"
    )


def test_a_token_of_another_scope_is_told(person: Person) -> None:
    person.daemon.may_change = False

    said = person.says(*STUDIO, "--for", "1h")

    assert said.code == 1
    assert "lacks the scope" in said.err
    assert "--token-file" in said.err


def test_every_flaw_that_the_daemon_finds_is_told(person: Person) -> None:
    person.daemon.instead = lambda _: problem(
        422,
        "cannot start this maintenance",
        {"at": "body.ends_at", "because": "lies in the past"},
    )

    said = person.says(*STUDIO, "--until", "2020-01-01T00:00Z")

    assert (said.code, said.err) == (
        1,
        "cannot start this maintenance; body.ends_at: lies in the past\n",
    )


def test_the_group_alone_shows_its_commands(person: Person) -> None:
    said = person.says("maintenance")

    assert said.code == 64
    assert "start" in said.out
    assert said.err == (
        "cannot tell what to do: name one of the commands above\n"
    )
