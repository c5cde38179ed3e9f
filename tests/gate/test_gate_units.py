"""systemd is asked as anybody may, and what it says is kept apart."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.units import is_unit_name, look_at_unit, parse_properties
from tests.gate.fake_host import FakeHost, unix_now

RUNNING = """\
cat <<'.'
LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID=4711
NRestarts=2
StateChangeTimestampMonotonic=1000000
ExecMainCode=0
ExecMainStatus=0
UnitFileState=enabled
Restart=on-failure
ControlGroup=/system.slice/facefusion.service
.
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def test_a_running_unit_is_told_in_systemds_words(host: FakeHost) -> None:
    host.tool("systemctl", RUNNING)
    gaps = Gaps("service")

    seen = look_at_unit("facefusion.service", gaps, 5.0)

    assert seen
    assert seen.main_pid == 4711
    assert seen.cgroup == "/system.slice/facefusion.service"
    since = seen.answer.pop("since")
    assert isinstance(since, float)
    assert abs(unix_now() - time.monotonic() + 1.0 - since) < 1.0
    assert seen.answer == {
        "kind": "systemd",
        "name": "facefusion.service",
        "load_state": "loaded",
        "active_state": "active",
        "sub_state": "running",
        "result": "success",
        "main_pid": 4711,
        "restarts": 2,
        "exit_code": "",
        "exit_status": None,
        "enabled": "enabled",
        "restart_policy": "on-failure",
        "job": "",
        "stop_asked": None,
    }
    assert gaps.entries == []
    assert host.calls("systemctl")[0].endswith("-- facefusion.service")


def test_a_killed_unit_says_how_it_ended(host: FakeHost) -> None:
    host.tool(
        "systemctl",
        "printf 'LoadState=loaded\\nActiveState=failed\\nResult=signal\\n"
        "MainPID=0\\nExecMainCode=2\\nExecMainStatus=9\\n'",
    )

    seen = look_at_unit("ff.service", Gaps("service"), 5.0)

    assert seen
    assert seen.main_pid is None
    assert seen.answer["exit_code"] == "killed"
    assert seen.answer["exit_status"] == 9
    assert seen.answer["restarts"] is None
    assert seen.answer["since"] is None


@pytest.mark.parametrize(
    ("left", "ended", "asked"),
    [(10, 20, True), (20, 10, False), (0, 10, None), (10, 0, None)],
)
def test_who_ended_a_unit_shows_in_the_order_of_two_moments(
    host: FakeHost, left: int, ended: int, *, asked: bool | None
) -> None:
    host.tool(
        "systemctl",
        "printf 'LoadState=loaded\\nActiveState=inactive\\n"
        f"ActiveExitTimestampMonotonic={left}\\n"
        f"ExecMainExitTimestampMonotonic={ended}\\n'",
    )

    seen = look_at_unit("ff.service", Gaps("service"), 5.0)

    assert seen
    assert seen.answer["stop_asked"] is asked


def test_a_unit_that_does_not_exist_is_not_found(host: FakeHost) -> None:
    host.tool("systemctl", "printf 'LoadState=not-found\\nMainPID=0\\n'")
    gaps = Gaps("service")

    seen = look_at_unit("no.service", gaps, 5.0)

    assert seen
    assert seen.answer["load_state"] == "not-found"
    assert gaps.entries == []


@pytest.mark.parametrize(
    ("jobs", "job"),
    [
        ("77 ff.service stop running", "stop"),
        ("78 other.service stop running", ""),
        ("77 ff.service", ""),
        ("", ""),
    ],
)
def test_a_running_job_is_named(host: FakeHost, jobs: str, job: str) -> None:
    host.tool(
        "systemctl",
        'case "$1" in show) printf "LoadState=loaded\\nJob=77\\n" ;; '
        f"*) echo '{jobs}' ;; esac",
    )

    seen = look_at_unit("ff.service", Gaps("service"), 5.0)

    assert seen
    assert seen.answer["job"] == job


@pytest.mark.parametrize(
    ("script", "because"),
    [
        (
            "echo 'System has not been booted with systemd' >&2; exit 1",
            "System has not been booted with systemd",
        ),
        ("exit 3", "ended with code 3"),
        ("echo", "ended with code 0"),
        ("sleep 60", "did not answer in time"),
    ],
)
def test_a_systemd_that_does_not_answer_is_a_gap(
    host: FakeHost, script: str, because: str
) -> None:
    host.tool("systemctl", f"exec {script}" if "sleep" in script else script)
    gaps = Gaps("service")

    seen = look_at_unit("ff.service", gaps, 0.3)

    assert seen is None
    assert because in gaps.entries[0]["because"]


def test_without_systemd_the_gap_says_so(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.commands._PLACES", "/nowhere")
    monkeypatch.setenv("PATH", str(host.tools))
    gaps = Gaps("service")

    assert look_at_unit("ff.service", gaps, 1.0) is None
    assert "there is no systemctl here" in gaps.entries[0]["because"]


@pytest.mark.parametrize(
    "name", ["facefusion.service", "ff@1.service", r"a\x2db.service", "F-1"]
)
def test_names_of_units_are_taken(name: str) -> None:
    assert is_unit_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "-H evil", "--help", "a b", "a/b", "a;b", "a\n", None, 7, "x" * 256],
)
def test_what_is_no_name_of_a_unit_is_refused(name: object) -> None:
    assert not is_unit_name(name)


@given(st.text())
def test_any_text_gives_properties(text: str) -> None:
    for key, value in parse_properties(text).items():
        assert f"{key}={value}" in text
