"""`status`: what the daemon knows, for people and for programs."""

import json
import socket
from pathlib import Path

import pytest

from monitor.schemas.target import Targets
from tests.cli.asking import Person
from tests.fakes.daemon_api import Said, problem
from tests.fakes.daemon_documents import Json, check, host, target, window


def lost(reading: Json) -> Json:
    """A machine that is unhealthy, with or without a reading."""
    last = dict(check()["last"])  # type: ignore[call-overload] # a JSON object
    last |= {"health": "unhealthy", "because": "GPU 1 is lost"}
    gpu = check("gpu", health="unhealthy", because="GPU 1 is lost")
    return host(
        health="unhealthy",
        because="gpu: GPU 1 is lost",
        checks=[gpu | {"last": last | {"reading": reading}}],
    )


def test_the_fleet_is_a_table_with_a_row_a_server(person: Person) -> None:
    person.daemon.targets["attic"] = target(
        "attic",
        health="unhealthy",
        since="2026-11-22T15:55:00Z",
        because="connection refused",
        age_seconds=3.0,
        maintenance=window(),
    )

    said = person.says("status")

    assert said.code == 2
    assert said.lines[0] == [
        *("TARGET", "HEALTH", "DIAGNOSIS", "FOR", "SEEN"),
        *("MAINTENANCE", "BECAUSE"),
    ]
    assert said.lines[1][:5] == ["studio", "healthy", "-", "4h", "12s"]
    assert said.lines[2][:5] == ["attic", "unhealthy", "-", "5m", "3s"]
    assert "2h left: new driver" in said.out
    assert "connection refused" in said.out
    assert "\x1b" not in said.out


@pytest.mark.parametrize(
    ("healths", "code"),
    [
        (["healthy"], 0),
        (["healthy", "degraded"], 1),
        (["degraded", "unhealthy", "unknown"], 2),
        (["healthy", "unknown"], 3),
        ([], 3),
    ],
)
def test_it_exits_like_check_for_the_worst(
    person: Person, healths: list[str], code: int
) -> None:
    person.daemon.hosts = {}
    person.daemon.targets = {
        f"t{n}": target(f"t{n}", health=health)
        for n, health in enumerate(healths)
    }

    assert person.says("status").code == code


def test_machines_are_a_table_of_their_own(person: Person) -> None:
    person.daemon.hosts["gpu1"] = lost({"attached": 1})

    said = person.says("status")

    heading = ["HOST", "HEALTH", "FOR", "SEEN", "TARGETS", "BECAUSE"]
    machine = said.lines[said.lines.index(heading) + 1]
    assert machine[:4] == ["gpu1", "unhealthy", "0s", "0s"]
    assert machine[5:] == ["studio", *["gpu:", "GPU", "1", "is", "lost"]]


def test_without_machines_there_is_no_table_of_them(person: Person) -> None:
    person.daemon.hosts = {}

    said = person.says("status")

    assert (said.code, len(said.lines)) == (0, 2)


@pytest.mark.parametrize(("reading", "code"), [({"attached": 1}, 2), ({}, 1)])
@pytest.mark.parametrize("target", [(), ("studio",)])
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_machine_counts_unless_nobody_reaches_it(
    person: Person,
    reading: Json,
    code: int,
    target: tuple[str, ...],
    output: str,
) -> None:
    """A lost GPU is unhealthy, a machine without SSH only degraded."""
    person.daemon.hosts["gpu1"] = lost(reading)

    said = person.says("status", *target, "--format", output)

    assert said.code == code


def test_a_server_is_shown_with_the_checks_of_its_machine(
    person: Person,
) -> None:
    person.daemon.hosts["gpu1"] = lost({"attached": 1})

    said = person.says("status", "studio")

    assert ["gpu", "on", "gpu1", "unhealthy"] in [
        line[:4] for line in said.lines
    ]
    assert "GPU 1 is lost" in said.out


def test_a_machine_that_left_meanwhile_is_no_error(person: Person) -> None:
    person.daemon.hosts = {}

    said = person.says("status", "studio")

    assert (said.code, said.err) == (0, "")


def test_one_server_is_shown_with_every_check(person: Person) -> None:
    person.daemon.targets["studio"] = target(
        health="degraded",
        because="a canary is slow",
        checks=[
            check(),
            check(
                "canary.age",
                health="degraded",
                because="slow",
                flapping=True,
                last=None,
                last_skipped={
                    "at": "2026-11-22T15:59:59Z",
                    "age_seconds": 1.0,
                    "reason": "busy",
                    "because": "2 jobs are waiting",
                },
            ),
        ],
    )

    said = person.says("status", "studio")

    assert said.code == 1
    assert "studio is degraded since 2026-11-22 12:00:00 UTC: a canary is" in (
        said.out
    )
    assert "http://studio.example:9002 (rest) on gpu1" in said.out
    assert ["status", "healthy", "4h", "12s", "ago", "0.012"] in [
        line[:6] for line in said.lines
    ]
    assert "degraded flapping" in said.out
    assert "slow; skipped: 2 jobs are waiting" in said.out


def test_a_last_look_that_disagrees_is_told(person: Person) -> None:
    newest = dict(check()["last"])  # type: ignore[call-overload] # a JSON object
    newest |= {"health": "unhealthy", "because": "connection refused"}
    person.daemon.targets["studio"] = target(checks=[check(last=newest)])

    said = person.says("status", "studio")

    assert "the last look was unhealthy: connection refused" in said.out


def test_json_is_the_document_of_the_wire(person: Person) -> None:
    said = person.says("status", "--format", "json")

    assert Targets.model_validate_json(said.out).targets[0].name == "studio"
    assert json.loads(said.out)["targets"][0]["age_seconds"] == 12.0


def test_words_of_others_move_no_cursor_and_are_no_markup(
    person: Person,
) -> None:
    person.daemon.targets["studio"] = target(because="[red]x\x1b[2J\ny")

    said = person.says("status")

    assert "\x1b" not in said.out
    assert "[red]x [2J y" in said.out


def test_a_stranger_is_bad_usage(person: Person) -> None:
    said = person.says("status", "stranger")

    assert said.code == 64
    assert said.err == (
        f"cannot find target 'stranger': the daemon at {person.url} has none"
        " of that name; `facefusion-monitor status` lists them\n"
    )


def test_without_a_daemon_nobody_knows(person: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    said = person.says("status", "--url", f"http://127.0.0.1:{port}")

    assert said.code == 3
    assert said.err.startswith(
        f"cannot reach the daemon at http://127.0.0.1:{port}: nothing listens"
        " there, or there is no way; start it"
    )
    assert "facefusion-monitor run" in said.err
    assert "--url" in said.err


def test_a_bad_address_is_bad_usage(person: Person) -> None:
    said = person.says("status", "--url", "http://me:secret@127.0.0.1")

    assert said.code == 64
    assert said.err.startswith("cannot use --url: ")
    assert "secret" not in said.err


def test_a_token_file_is_named_where_one_is_needed(person: Person) -> None:
    person.daemon.wants = "open"

    said = person.says("status")

    assert said.code == 3
    assert "--token-file" in said.err
    assert said.err.count("\n") == 1


def test_the_token_is_read_from_its_file(
    person: Person, tmp_path: Path
) -> None:
    person.daemon.wants = "open"
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text("open\n")

    said = person.says("status", "--token-file", str(file))

    assert said.code == 0


def test_a_token_that_everybody_can_read_is_refused(
    person: Person, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("hunter2")
    file.chmod(0o644)

    said = person.says("status", "--token-file", str(file))

    assert said.code == 78
    assert said.err.startswith(f"cannot use the token file {file}: ")
    assert "chmod 600" in said.err
    assert "hunter2" not in said.err
    assert person.daemon.asked == []


def test_trouble_of_the_daemon_is_told_in_its_own_words(
    person: Person,
) -> None:
    person.daemon.instead = lambda _: problem(
        503, "cannot read the state: disk full"
    )

    said = person.says("status")

    assert (said.code, said.err) == (3, "cannot read the state: disk full\n")


def test_another_server_is_told_from_a_daemon(person: Person) -> None:
    person.daemon.instead = lambda _: Said(
        200, b"<html>hello", {"Content-Type": "text/html"}
    )

    said = person.says("status")

    assert said.code == 3
    assert "is it a facefusion-monitor" in said.err
