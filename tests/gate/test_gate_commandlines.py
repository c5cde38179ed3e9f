"""FaceFusion is told by what a Python runs, never by a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.commandlines import (
    facefusion_script,
    runs_below,
    script_of,
    serves_facefusion,
)

SERVERS = [
    "/opt/ff/venv/bin/python facefusion.py run",
    "python3.12 -u facefusion.py run --ui-layouts default",
    "/root/conda/envs/ff/bin/python /facefusion/facefusion.py run",
    "python -X dev -W ignore facefusion.py run",
    "python -Xdev -uWignore facefusion.py run",
    "python3 --check-hash-based-pycs never facefusion.py run",
    "python3 --verbose facefusion.py api --api-host 0.0.0.0",
    "python3 run.py --execution-providers cuda",
    "pypy3 facefusion.py run",
]
JOBS = [
    "python facefusion.py headless-run -s a.jpg -t b.jpg -o c.jpg",
    "python facefusion.py job-run-all",
    "python facefusion.py benchmark",
    "python facefusion.py force-download",
    "python facefusion.py",
    "python run.py --headless -s a.jpg",
]
STRANGERS = [
    "vim facefusion.py",
    "tail -f /opt/facefusion/facefusion.py",
    "bash -c python facefusion.py run",
    "ssh gpu1 pkill -f facefusion",
    "grep facefusion.py",
    "python -m http.server facefusion.py",
    "python -c import facefusion.py",
    "python -uc facefusion.py",
    "python3 - facefusion.py run",
    "python",
    "python -u",
    "python -W",
    "conda run -n facefusion python facefusion.py run",
    "/opt/conda/bin/python /opt/conda/bin/conda run python facefusion.py run",
    "pythonista facefusion.py.bak",
    "sudo python facefusion.py run",
    "/usr/bin/tini -- python facefusion.py run",
    "python my_facefusion.py run",
]


@pytest.mark.parametrize("line", SERVERS)
def test_a_server_serves(line: str) -> None:
    assert serves_facefusion(line.split(" "))


@pytest.mark.parametrize("line", JOBS)
def test_a_job_is_facefusion_but_no_server(line: str) -> None:
    assert facefusion_script(line.split(" "))
    assert not serves_facefusion(line.split(" "))


@pytest.mark.parametrize("line", STRANGERS)
def test_a_stranger_only_mentions_it(line: str) -> None:
    assert facefusion_script(line.split(" ")) is None
    assert not serves_facefusion(line.split(" "))


@pytest.mark.parametrize(
    ("script", "cwd", "is_below"),
    [
        ("facefusion.py", "/opt/facefusion", True),
        ("facefusion.py", "/opt/facefusion/sub", True),
        ("facefusion.py", "/opt/facefusion2", False),
        ("facefusion.py", None, None),
        ("/opt/facefusion/facefusion.py", None, True),
        ("/opt/facefusion/../evil/facefusion.py", None, False),
        ("/srv/facefusion.py", None, False),
        ("/opt/facefusion/facefusion.py", "/", True),
        ("facefusion/facefusion.py", "/opt", True),
        ("../facefusion.py", "/srv", False),
    ],
)
def test_a_script_runs_in_a_directory_or_not(
    script: str, cwd: str | None, *, is_below: bool | None
) -> None:
    assert runs_below(script, cwd, ["/opt/facefusion"]) is is_below


def test_below_the_root_is_everything() -> None:
    assert runs_below("facefusion.py", "/home", ["/"])


@given(st.lists(st.text(alphabet="pythonfaceus.-cmXW/ 3")))
def test_any_command_line_is_answered(cmdline: list[str]) -> None:
    place = script_of(cmdline)

    assert place is None or not cmdline[place].startswith("-")
    assert isinstance(serves_facefusion(cmdline), bool)
