"""FaceFusion that runs beside its unit is told, and nobody else is."""

import os
from pathlib import Path
from typing import Any

import pytest

from monitor.gate import service, strays
from monitor.gate.gaps import Gaps
from monitor.gate.service import observe_service
from tests.gate.fake_host import FakeHost, real_server

HOME = "/opt/facefusion"
UNIT = {
    "manager": "systemd",
    "unit": "facefusion.service",
    "directory": HOME,
    "port": 7870,
}
GROUP = "system.slice/facefusion.service"
SHELL = "0::/user.slice/user-1000.slice/session-3.scope\n"
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "diag_listening", lambda: None)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A unit whose server is 42."""
    host = FakeHost(tmp_path, monkeypatch)
    systemd_says(host, 42, f"/{GROUP}")
    host.group(GROUP, [42])
    host.process(42)
    return host


def systemd_says(
    host: FakeHost, main_pid: int, group: str, user: str = "ff"
) -> None:
    host.tool(
        "systemctl",
        f"printf 'LoadState=loaded\\nMainPID={main_pid}\\n"
        f"ControlGroup={group}\\nUser={user}\\n'",
    )


def look(**more: object) -> tuple[Answer, list[str]]:
    gaps = Gaps("service")
    answer = observe_service({**UNIT, **more}, gaps)
    return answer, [gap["what"] for gap in gaps.entries]


def pids(answer: Answer, of: str = "strays") -> list[int]:
    return [one["pid"] for one in answer[of]]


def test_what_runs_beside_the_unit_is_a_stray_with_its_children(
    host: FakeHost,
) -> None:
    host.process(50, cgroup=SHELL, sockets=[9])
    host.process(51, ppid=50, cmdline=["ffmpeg"], cgroup=SHELL)
    host.process(52, ppid=51, cmdline=["sh"], cgroup=SHELL)
    host.process(53, cmdline=["ffmpeg"], cgroup=SHELL)

    answer, gaps = look()

    assert pids(answer) == [50, 51, 52]
    assert [one["is_server"] for one in answer["strays"]] == [1, 0, 0]
    assert pids(answer, "processes") == [42]
    assert set(answer["strays"][0]) == set(answer["processes"][0])
    assert gaps == []


@pytest.mark.parametrize(
    "cmdline",
    [
        ["vim", f"{HOME}/facefusion.py"],
        ["tail", "-f", f"{HOME}/facefusion.log"],
        ["sh", "-c", "python facefusion.py run"],
        ["/opt/ff/bin/python", "-m", "pytest", "facefusion.py"],
        ["python", "-c", "import facefusion.py"],
    ],
)
def test_who_only_names_the_script_is_no_stray(
    host: FakeHost, cmdline: list[str]
) -> None:
    host.process(50, cmdline=cmdline, cgroup=SHELL)

    answer, gaps = look()

    assert answer["strays"] == []
    assert gaps == []


@pytest.mark.parametrize(
    "more",
    [
        {"cwd": "/opt/other"},
        {"cwd": "/opt/facefusion2"},
        {"cmdline": ["python", "/home/ann/facefusion.py", "run"]},
        {"cmdline": ["python", "../other/facefusion.py", "run"]},
        {"uid": 1001},
        {"uid": 0},
        {"contained": True},
        {"cgroup": f"0::/{GROUP}/inner\n"},
    ],
)
def test_another_ones_a_containers_and_the_units_own_are_no_strays(
    host: FakeHost, more: dict[str, Any]
) -> None:
    host.process(50, **{"cgroup": SHELL, **more})

    answer, gaps = look()

    assert pids(answer) == []
    assert gaps == []


@pytest.mark.parametrize(
    ("user", "uid", "told"),
    [
        ("ff", 1000, [50]),
        ("1001", 1001, [50]),
        ("ff", 1001, []),
        ("nobody-here", 1000, []),
        ("", 0, []),
    ],
)
def test_where_none_serves_the_units_user_tells_whose_strays_are(
    host: FakeHost, user: str, uid: int, told: list[int]
) -> None:
    systemd_says(host, 0, "", user)
    host.process(50, cgroup=SHELL, uid=uid)

    answer, gaps = look()

    assert pids(answer) == told
    assert gaps == []


def test_what_the_owner_of_its_directory_runs_is_a_stray(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = host.folder / "opt/facefusion"
    folder.mkdir(parents=True)
    real = os.stat

    def stat(path: str, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(path, follow_symlinks=follow_symlinks)
        if path != str(folder):
            return found
        return os.stat_result((*found[:4], owner, *found[5:]))

    monkeypatch.setattr(os, "stat", stat)
    host.process(50, cgroup=SHELL, uid=1001)
    host.process(51, cgroup=SHELL, uid=0)

    owner = 1001
    anns = pids(look()[0])
    owner = 0
    roots = pids(look()[0])

    assert (anns, roots) == ([50], [])


@pytest.mark.parametrize("name", ["root", "ns/mnt"])
def test_what_sees_other_files_by_that_path_is_no_stray(
    host: FakeHost, name: str
) -> None:
    for pid in ("self", "50", "51"):
        link = host.folder / f"proc/{pid}/{name}"
        link.parent.mkdir(parents=True)
        link.symlink_to("/srv/jail" if pid == "50" else "/")
    host.process(50, cgroup=SHELL)
    host.process(51, cgroup=SHELL)

    assert pids(look()[0]) == [51]


def test_what_a_stopped_unit_started_just_now_is_no_stray(
    host: FakeHost,
) -> None:
    systemd_says(host, 0, "")

    answer, _ = look()

    assert pids(answer, "processes") == []
    assert pids(answer) == []


def test_a_unit_by_another_name_is_known_by_its_group(host: FakeHost) -> None:
    host.process(50)

    answer, _ = look(unit="alias.service")

    assert pids(answer, "processes") == [42]
    assert pids(answer) == []


@pytest.mark.parametrize(
    ("cgroup", "told"),
    [
        ("/user.slice/user-1000.slice/session-3.scope", [50]),
        ("/user.slice/user@1000.service/tmux-spawn-1.scope", [50]),
        ("/user.slice/user@1000.service/app.slice/ff.service", []),
        ("/system.slice/facefusion.service2", [50]),
        ("/system.slice/second.service", []),
        ("/system.slice/facefusion@1.service", []),
        ("/system.slice/second.service/inner.scope", []),
        ("/system.slice/ssh.service", [50]),
        ("/system.slice/sshd@3-10.0.0.1:22.service", [50]),
        ("/", [50]),
    ],
)
def test_what_another_unit_runs_is_its_own_and_no_stray(
    host: FakeHost, cgroup: str, told: list[int]
) -> None:
    host.process(50, cgroup=f"0::{cgroup}\n")

    answer, gaps = look()

    assert pids(answer) == told
    assert gaps == []


def test_children_that_are_the_services_or_in_a_container_stay_out(
    host: FakeHost,
) -> None:
    host.process(50, cgroup=SHELL)
    host.process(42, ppid=50)
    host.process(51, ppid=50, contained=True, cgroup=SHELL)

    assert pids(look()[0]) == [50]


@pytest.mark.parametrize(
    "more",
    [
        {"manager": "process"},
        {"manager": "docker", "unit": "ff"},
        {"directory": None},
    ],
)
def test_without_a_unit_and_a_directory_there_are_none(
    host: FakeHost, more: dict[str, Any]
) -> None:
    host.process(50, cgroup=SHELL)
    host.tool("docker", "exit 1")

    assert look(**more)[0]["strays"] == []


def test_where_systemd_does_not_tell_ours_nobody_is_called_a_stray(
    host: FakeHost,
) -> None:
    host.tool("systemctl", "exit 1")

    answer, gaps = look()

    assert answer["strays"] is None
    assert "strays" in gaps


def test_where_processes_are_hidden_strays_are_not_known(
    host: FakeHost,
) -> None:
    (host.folder / "proc/1").rename(host.folder / "away")

    answer, gaps = look()

    assert answer["strays"] is None
    assert gaps == ["strays"]


def test_one_that_may_run_anywhere_leaves_strays_unknown(
    host: FakeHost,
) -> None:
    host.process(50, cwd=None, cgroup=SHELL)

    answer, gaps = look()

    assert answer["strays"] is None
    assert gaps == ["strays"]


@pytest.mark.parametrize(
    "more",
    [{"contained": True, "cgroup": SHELL}, {"cgroup": f"0::/{GROUP}\n"}],
)
def test_one_that_is_no_stray_wherever_it_runs_hides_none(
    host: FakeHost, more: dict[str, Any]
) -> None:
    host.process(50, cwd=None, **more)

    answer, gaps = look()

    assert answer["strays"] == []
    assert gaps == []


def test_an_absolute_script_needs_no_working_directory(host: FakeHost) -> None:
    script = ["python3", f"{HOME}/facefusion.py", "run"]
    host.process(50, cmdline=script, cwd=None, cgroup=SHELL)

    answer, gaps = look()

    assert pids(answer) == [50]
    assert gaps == []


@pytest.mark.parametrize(
    ("name", "told"),
    [("python3.11", [50]), ("pt_main_thread", [50]), ("a) D (b", [])],
)
def test_who_waits_in_the_kernel_is_asked_only_if_it_is_a_python(
    host: FakeHost, name: str, told: list[int]
) -> None:
    host.process(50, name=name, state="D", cgroup=SHELL)

    assert pids(look()[0]) == told


def test_one_that_ends_while_it_is_read_is_left_out(host: FakeHost) -> None:
    host.process(50, cgroup=SHELL)
    (host.folder / "proc/50/cwd").unlink()
    (host.folder / "proc/51").mkdir()
    host.process(52, cgroup=SHELL)
    (host.folder / "proc/52/status").unlink()
    (host.folder / "proc/53/cmdline").mkdir(parents=True)

    assert pids(look()[0]) == []


def test_strays_have_an_end(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strays, "_STRAYS_AT_MOST", 2)
    for pid in (50, 51, 52):
        host.process(pid, cgroup=SHELL)

    answer, gaps = look()

    assert pids(answer) == [50, 51]
    assert gaps == ["strays"]


def test_too_long_command_lines_leave_the_last_out(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_ANSWER_LIMIT", 60)
    host.process(50, cgroup=SHELL)

    answer, gaps = look()

    assert pids(answer, "processes") == [42]
    assert pids(answer) == []
    assert gaps == ["processes"]


def test_a_real_server_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    systemctl = tools / "systemctl"
    systemctl.write_text(
        f"#!/bin/sh\necho LoadState=not-found\necho User={os.geteuid()}\n"
    )
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    process, _ = real_server(tmp_path)
    try:
        answer, _ = look(directory=str(tmp_path), unit="none.service")
    finally:
        process.kill()
        process.communicate()

    assert pids(answer) == [process.pid]
    assert answer["strays"][0]["is_server"]
