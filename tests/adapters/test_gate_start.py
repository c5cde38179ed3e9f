"""The script that looks for Python on a host, in every shell we have."""

import json
import shutil
import subprocess
import sys

import pytest

from monitor.adapters.gate.start import COMMAND, PYTHONS, opening

WORD = "a1b2"
PROGRAM = b"import os, sys; print(sys.argv[1:], os.read(0, 99), __name__)"
SHELLS = ("dash", "bash", "busybox")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    path = shutil.which(request.param)
    if path is None:
        pytest.skip(f"{request.param} is not installed")
    return [path, "sh"] if request.param == "busybox" else [path]


def _talk(shell: list[str], sent: bytes, then: bytes) -> bytes:
    """Send what a host is sent first, wait for a line, send the rest."""
    with subprocess.Popen(  # noqa: S603  a shell, and a script of our own
        shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(sent)
        process.stdin.flush()
        said = process.stdout.readline() + process.stdout.readline()
        process.stdin.write(then)
        process.stdin.close()
        return said + process.stdout.read()


def test_python_asks_for_the_program_and_runs_it_with_the_greeting(
    shell: list[str],
) -> None:
    sent = opening(WORD, len(PROGRAM), (sys.executable,))

    _, said, output = _talk(shell, sent, PROGRAM + b"asked").split(b"\n")[:3]

    assert json.loads(said) == {"v": 1, "id": WORD, "gate": "loading"}
    assert output.decode() == "['stdin', '--greet', 'a1b2'] b'asked' __main__"


def test_a_shell_without_python_says_so(shell: list[str]) -> None:
    sent = opening(WORD, 7, ("no-python", "false", "/no/python3"))

    _, said = _talk(shell, sent, b"").split(b"\n")[:2]

    assert json.loads(said) == {
        "v": 1,
        "id": WORD,
        "gate": "none",
        "because": "cannot find Python 3.8 or newer",
    }


def test_half_a_program_is_not_run(shell: list[str]) -> None:
    sent = opening(WORD, len(PROGRAM) + 1, (sys.executable,))

    said = _talk(shell, sent, PROGRAM)

    assert b"__main__" not in said
    assert b"loading" in said


def test_an_installed_gate_knows_how_much_to_throw_away() -> None:
    sent = opening(WORD, 7, PYTHONS)

    hello, _, rest = sent.partition(b"\n")

    assert hello.startswith(b"# ")
    asked = json.loads(hello[2:])
    assert asked["skip"] == len(rest)
    assert (asked["id"], asked["verb"], asked["v"]) == (WORD, "hello", 1)


def test_the_command_is_the_same_for_every_login_shell() -> None:
    assert not set(COMMAND) & set("'\"$`\\;&|<>(){}*?!~#\n")
