"""`status` and `history` say what is wrong, why, and what to do."""

import pytest

from tests.cli.asking import Person
from tests.fakes.daemon_documents import Json, diagnosis, entry, target

SINCE = "2026-11-22 12:00:00 UTC;"


def down(**changes: object) -> Json:
    return diagnosis(
        "process_down",
        severity="critical",
        because="no process",
        remedies=["restart", "free-gpu-memory"],
        health="unhealthy",
        evidence=[
            {
                "kind": "target",
                "subject": "studio",
                "check": "process",
                "because": "the unit failed",
                "at": "2026-11-22T15:59:55Z",
                "age_seconds": 5.0,
            },
            {
                "kind": "host",
                "subject": "gpu1",
                "check": "host",
                "because": "up for 3 d",
                "at": "2026-11-22T15:59:40Z",
                "age_seconds": None,
            },
        ],
        unknown=["logs: permission denied"],
        also=["slow", "cors_blocked"],
        advice="restart it, and read the log",
        runbook="deploy/runbooks/process_down.md",
        page="told",
        **changes,
    )


def test_the_list_names_what_is_wrong(person: Person) -> None:
    person.daemon.targets["attic"] = target("attic", diagnosis=down())

    said = person.says("status")

    assert said.lines[0][2] == "DIAGNOSIS"
    assert said.lines[1][:4] == ["studio", "healthy", "-", "4h"]
    assert said.lines[2][:3] == ["attic", "healthy", "process_down"]


def test_one_server_says_why_and_what_to_do(person: Person) -> None:
    person.daemon.targets["studio"] = target(diagnosis=down())

    said = person.says("status", "studio")

    lines = said.out.splitlines()
    assert lines[2 : lines.index("")] == [
        f"diagnosis: process_down (critical) since {SINCE} somebody is told",
        "evidence:",
        "  process of studio, 5s ago: the unit failed",
        "  host of gpu1, -: up for 3 d",
        "what to do: restart it, and read the log",
        "what may help: restart, free-gpu-memory",
        "also: slow, cors_blocked",
        "runbook: deploy/runbooks/process_down.md",
        "not known:",
        "  logs: permission denied",
    ]


def test_a_server_that_is_well_says_only_what_is_not_known(
    person: Person,
) -> None:
    unknown = ["process and log: no service is configured for it"]
    person.daemon.targets["studio"] = target(
        diagnosis=diagnosis(unknown=unknown)
    )

    said = person.says("status", "studio")

    lines = said.out.splitlines()
    assert lines[2 : lines.index("")] == [
        "diagnosis: none",
        "not known:",
        f"  {unknown[0]}",
    ]


@pytest.mark.parametrize(
    ("page", "why", "words"),
    [
        ("withheld", "a driver", "nobody is told: a driver"),
        ("none", "", "needs nobody"),
    ],
)
def test_who_is_told_is_said(
    person: Person, page: str, why: str, words: str
) -> None:
    said = down() | {"page": page, "withheld_because": why}
    person.daemon.targets["studio"] = target(diagnosis=said)

    assert f"UTC; {words}\n" in person.says("status", "studio").out


def test_words_of_others_are_no_markup(person: Person) -> None:
    said = down() | {"unknown": ["[red]x\x1b[2J"], "remedies": [], "also": []}
    person.daemon.targets["studio"] = target(diagnosis=said)

    told = person.says("status", "studio")

    assert "  [red]x [2J\n" in told.out
    assert "may help" not in told.out
    assert "also:" not in told.out


def test_the_history_says_what_a_diagnosis_was(person: Person) -> None:
    changed = {"cause": "hung", "severity": "critical", "before": "busy"}
    person.daemon.histories["studio"] = [
        entry(
            2,
            "diagnosis",
            check="diagnosis",
            health="unhealthy",
            before="degraded",
            diagnosis=changed,
            maintenance=True,
        ),
        entry(1, "diagnosis", check="diagnosis"),
    ]

    said = person.says("history", "studio")

    _, odd, hung = said.lines
    assert odd[2:5] == ["diagnosis", "-", "-"]
    assert hung[2:] == [
        *("diagnosis", "hung", "(was", "busy)", "(maintenance)", "-"),
        *("line", "2"),
    ]
