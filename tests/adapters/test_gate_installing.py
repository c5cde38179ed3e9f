"""What is put on a host: an authorized_keys line and a script of ours."""

import hashlib
import re
import shlex
import shutil
import subprocess
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.gate.install_script import script
from monitor.adapters.gate.installing import GATE, PYTHON, Plan

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKey"
PROGRAM = b"print('a gate')\n"
DIRECTORIES = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1
).map("/{}".format)


def plan(directory: str = "/var/tmp/canary", user: str = "ffmon") -> Plan:  # noqa: S108
    return Plan(user=user, key=KEY, directory=directory, program=PROGRAM)


def _forced(line: str) -> str:
    """Return the forced command of a line, read as sshd reads it."""
    start = line.index('command="') + len('command="')
    found, rest = "", line[start:]
    while not rest.startswith('"'):
        rest = rest[1:] if rest.startswith(r"\"") else rest
        found, rest = found + rest[0], rest[1:]
    assert rest == f'" {KEY} facefusion-monitor-observe'
    return found


@given(DIRECTORIES)
def test_any_directory_arrives_at_the_gate_as_it_is(directory: str) -> None:
    words = shlex.split(_forced(plan(directory).line))

    assert words == [
        PYTHON,
        "-I",
        GATE,
        "observe",
        "--directory",
        directory,
    ]


@given(st.lists(DIRECTORIES, max_size=3))
def test_any_log_arrives_at_the_gate_as_it_is(logs: list[str]) -> None:
    made = Plan(
        user="ffmon",
        key=KEY,
        directory="",
        program=PROGRAM,
        logs=tuple(logs),
    )

    words = shlex.split(_forced(made.line))

    given_logs = [word for log in logs for word in ("--log", log)]
    assert words == [PYTHON, "-I", GATE, "observe", *given_logs]


def test_without_a_directory_the_gate_is_given_none() -> None:
    assert shlex.split(_forced(plan("").line))[-1] == "observe"


def test_a_key_is_restricted_first_of_all() -> None:
    assert plan().line.startswith('restrict,command="')


@given(DIRECTORIES)
def test_names_that_look_like_ours_are_not_filled_in(directory: str) -> None:
    text = script(plan(f"{directory}@KEY@@PROGRAM@"))

    # sh's quoting makes of each ' a '"'"' twice over; the rest stays.
    assert "@KEY@@PROGRAM@" in text
    assert text.count("@KEY@") == text.count("@PROGRAM@") == 2


def test_nothing_is_left_to_be_filled_in() -> None:
    assert re.findall(r"@[A-Z]+@", script(plan())) == []


def test_the_program_travels_with_its_digest() -> None:
    text = script(plan())

    [sent] = re.findall(r"<<'PROGRAM'\n(.*)\nPROGRAM\n", text)
    assert b64decode(sent) == PROGRAM
    assert hashlib.sha256(PROGRAM).hexdigest() in text


def test_what_is_shown_is_what_is_put_there() -> None:
    program, line = plan().files

    assert (program.path, program.content) == (GATE, PROGRAM)
    assert program.digest == hashlib.sha256(PROGRAM).hexdigest()
    assert line.path == "~ffmon/.ssh/authorized_keys"
    assert line.content.decode() == plan().line + "\n"
    assert {one.owner for one in plan().files} == {"root"}


def test_what_else_is_done_is_told() -> None:
    told = " ".join(plan(user="watcher").steps)

    for word in ("/var/lib/watcher", "systemd-journal", "~watcher/.ssh"):
        assert word in told


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_shells_can_read_the_script(shell: str) -> None:
    name, *rest = shell.split()
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    text = script(plan("""/a 'b' "c" $d `e` \\f"""))
    inner = text.partition("<<'FACEFUSION'\n")[2].rpartition("FACEFUSION")[0]

    for one in (text, inner):
        read = subprocess.run(  # noqa: S603 - only read, never run: -n
            [name, *rest, "-n"],
            input=one,
            text=True,
            capture_output=True,
            check=False,
        )

        assert (read.returncode, read.stderr) == (0, "")


def test_half_a_script_only_defines_what_it_would_do() -> None:
    """Nothing runs before the last line but settings and traps."""
    text = script(plan())
    inner = text.partition("<<'FACEFUSION'\n")[2].rpartition("FACEFUSION")[0]

    short = re.sub(r"(?m)^\w+\(\) \{.*\}$", "", inner)
    without = re.sub(r"(?ms)^\w+\(\) \{.*?^\}$", "", short)
    first = {line.split()[0] for line in without.split("\n") if line.strip()}
    assert {one.partition("=")[0] for one in first} == {
        "set",
        "umask",
        "PATH",
        "export",
        "user",
        "rules",
        "gate",
        "trap",
        "install_gate",
    }
    assert without.split()[-1] == "install_gate"
