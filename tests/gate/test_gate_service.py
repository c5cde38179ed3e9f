"""A service is its unit, its processes and what listens."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.gate import service
from monitor.gate.cgroups import family, fellow_members, unit_members
from monitor.gate.finding import absolute_path, read_service
from monitor.gate.gaps import Gaps
from monitor.gate.listeners import Listening
from monitor.gate.protocol import Refused
from monitor.gate.service import find_servers, observe_service
from tests.gate.fake_host import SERVER, FakeHost, real_server, row

BARE = {"manager": "process", "directory": "/opt/facefusion", "port": 7870}
UNIT = {"manager": "systemd", "unit": "facefusion.service", "port": 7870}
BOX = {"manager": "docker", "unit": "ff", "port": 7870}
GROUP = "/system.slice/facefusion.service"


@pytest.fixture(autouse=True)
def no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let /proc tell who listens: a made-up one is all that tests have."""
    monkeypatch.setattr(service, "diag_listening", lambda: None)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def look(question: dict[str, object]) -> tuple[dict, Gaps]:  # type: ignore[type-arg]
    gaps = Gaps("service")
    return observe_service(question, gaps), gaps


def systemd_says(host: FakeHost, main_pid: int, group: str = GROUP) -> None:
    host.tool(
        "systemctl",
        f"printf 'LoadState=loaded\\nMainPID={main_pid}\\n"
        f"ControlGroup={group}\\n'",
    )


def docker_says(host: FakeHost, pid: int) -> None:
    host.tool(
        "docker",
        f"""echo '{{"state":{{"Running":true,"Pid":{pid}}},"ports":"""
        """{"7860/tcp":[{"HostIp":"0.0.0.0","HostPort":"7870"}]}}'""",
    )


def pids(answer: dict) -> list[int]:  # type: ignore[type-arg]
    return [one["pid"] for one in answer["processes"]]


def servers(answer: dict) -> list[int]:  # type: ignore[type-arg]
    return [one["pid"] for one in answer["processes"] if one["is_server"]]


def test_a_units_processes_are_its_groups(host: FakeHost) -> None:
    systemd_says(host, 42)
    host.process(42, sockets=[8])
    host.process(43, ppid=42, cmdline=["ffmpeg"])
    host.process(44, cmdline=["bash"])
    host.group(GROUP.lstrip("/"), [42])
    host.group(f"{GROUP.lstrip('/')}/inner", [0, 43])
    host.listeners([row("0.0.0.0", 7870, 8)])  # noqa: S104

    answer, gaps = look(UNIT)

    assert pids(answer) == [42, 43]
    assert servers(answer) == [42]
    assert answer["unit"]["main_pid"] == 42
    assert answer["listeners"] == [
        {
            "address": "0.0.0.0",  # noqa: S104
            "port": 7870,
            "pid": 42,
            "uid": 1000,
            "in_container": False,
            "waiting": 0,
        }
    ]
    assert answer["port_taken_by"] is None
    assert gaps.entries == []
    first = answer["processes"][0]
    assert first["cmdline"] == list(SERVER)
    assert "contained" not in first


def test_the_kernel_is_asked_first_who_listens(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd_says(host, 42)
    host.process(42, sockets=[8])
    heard = [Listening("::", 7870, 1000, 8)]
    monkeypatch.setattr(service, "diag_listening", lambda: heard)

    answer, _ = look(UNIT)

    assert [one["pid"] for one in answer["listeners"]] == [42]


@pytest.mark.parametrize("hierarchy", ["unified", "systemd"])
def test_older_control_groups_are_known(
    host: FakeHost, hierarchy: str
) -> None:
    host.group(f"{hierarchy}{GROUP}", [42])

    assert unit_members(GROUP) == [42]


def test_a_group_that_is_not_there_or_leads_away_is_none(
    host: FakeHost,
) -> None:
    host.group("x", [1])

    assert unit_members("/y") is None
    assert unit_members("/") is None
    assert unit_members("/y/../x") is None
    assert fellow_members(99) is None


def test_a_group_without_end_has_one(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.cgroups._GROUPS", 2)
    host.group("a", [1])
    host.group("a/b", [2])
    host.group("a/b/c", [3])
    (host.folder / "sys/fs/cgroup/a/b/other").mkdir()

    assert unit_members("/a") == [1, 2]


def test_a_group_that_goes_while_it_is_read_is_empty(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.group("a", [1])
    monkeypatch.setattr("monitor.gate.cgroups.os.path.isdir", lambda _: True)
    (host.folder / "sys/fs/cgroup/a/cgroup.procs").unlink()
    (host.folder / "sys/fs/cgroup/a").rmdir()

    assert unit_members("/a") == []


def test_without_its_group_a_unit_is_its_main_process_and_children(
    host: FakeHost,
) -> None:
    systemd_says(host, 42)
    host.process(42)
    host.process(43, ppid=42)
    host.process(44, ppid=1)

    answer, gaps = look(UNIT)

    assert pids(answer) == [42, 43]
    assert servers(answer) == [42]
    assert gaps.entries[0]["what"] == "cgroup"


def test_a_stopped_unit_has_no_processes(host: FakeHost) -> None:
    systemd_says(host, 0, "")
    host.process(42, sockets=[8], name="nginx")
    host.listeners([row("::", 22, 1), row("::", 7870, 8)])

    answer, gaps = look(UNIT)

    assert answer["processes"] == []
    assert answer["port_taken_by"] == {
        "pid": 42,
        "uid": 1000,
        "name": "nginx",
    }
    assert gaps.entries == []


def test_a_group_left_behind_without_main_process_is_told(
    host: FakeHost,
) -> None:
    systemd_says(host, 0)
    host.group(GROUP.lstrip("/"), [42])
    host.process(42, cmdline=["ffmpeg"])

    answer, _ = look(UNIT)

    assert pids(answer) == [42]
    assert servers(answer) == []


def test_a_group_that_is_gone_without_main_process_is_empty(
    host: FakeHost,
) -> None:
    systemd_says(host, 0)

    answer, gaps = look({**UNIT, "port": None})

    assert answer["processes"] == []
    assert gaps.entries == []


def test_a_shell_as_main_process_is_no_server(host: FakeHost) -> None:
    systemd_says(host, 41)
    host.process(41, cmdline=["bash", "start.sh"])
    host.process(42, ppid=41)
    host.process(43, ppid=42)
    host.process(44, ppid=45)
    host.process(45, ppid=44, cmdline=["loop"])
    host.process(46, ppid=45, state="Z")
    host.group(GROUP.lstrip("/"), [41, 42, 43, 44, 45, 46])

    answer, _ = look(UNIT)

    assert servers(answer) == [42, 44]  # 44 and 45 go round in a ring


def test_a_wrapper_as_main_process_is_the_server(host: FakeHost) -> None:
    systemd_says(host, 41)
    host.process(41, cmdline=["uvicorn", "api:app"])
    host.group(GROUP.lstrip("/"), [41])

    assert servers(look(UNIT)[0]) == [41]


def test_a_dead_main_process_serves_nobody(host: FakeHost) -> None:
    systemd_says(host, 42)
    host.process(42, state="Z")
    host.group(GROUP.lstrip("/"), [42])

    assert servers(look(UNIT)[0]) == []


def test_a_container_publishes_its_port(host: FakeHost) -> None:
    docker_says(host, 42)
    path = "/system.slice/docker-abc.scope"
    host.process(42, cgroup=f"0::{path}\n", contained=True, sockets=None)
    host.group(path.lstrip("/"), [42])
    host.listeners([row("::", 7870, 3, uid=0)])
    host.listeners([row("127.0.0.1", 7860, 8)], "42/net/tcp")

    answer, _ = look(BOX)

    assert servers(answer) == [42]
    inside, outside = answer["listeners"]
    assert (inside["port"], inside["in_container"]) == (7860, True)
    assert (outside["port"], outside["in_container"]) == (7870, False)
    assert answer["port_taken_by"] is None


def test_dockers_proxy_alone_is_no_listener(host: FakeHost) -> None:
    docker_says(host, 42)
    host.process(42, cgroup="4:memory:/docker/abc\n0::/\n", sockets=None)
    host.group("memory/docker/abc", [42])
    host.listeners([row("::", 7870, 3, uid=0)])
    host.listeners([], "42/net/tcp")

    answer, _ = look(BOX)

    assert pids(answer) == [42]
    assert answer["listeners"] == []
    assert answer["port_taken_by"] is None


def test_a_container_in_no_group_is_its_family(host: FakeHost) -> None:
    docker_says(host, 42)
    host.process(42, cgroup="0::/\n")
    host.process(43, ppid=42, cgroup="0::/\n")
    (host.folder / "proc/44").mkdir()

    answer, _ = look(BOX)

    assert pids(answer) == [42, 43]
    assert family(99) == []


def test_a_docker_that_may_not_be_asked_leaves_a_gap(host: FakeHost) -> None:
    host.tool("docker", "echo 'permission denied' >&2; exit 1")

    answer, gaps = look(BOX)

    assert answer["unit"] is None
    assert "group docker" in gaps.entries[0]["because"]


def test_a_bare_process_is_found_by_what_it_runs(host: FakeHost) -> None:
    host.process(42)
    host.process(43, cwd="/srv/other")
    host.process(44, cmdline=["vim", "facefusion.py"])
    host.process(45, cmdline=["python", "facefusion.py", "headless-run"])
    host.process(46)
    (host.folder / "proc/46/cwd").unlink()

    answer, gaps = look(BARE)

    assert answer["unit"] is None
    assert pids(answer) == [42, 45]
    assert servers(answer) == [42]
    assert gaps.entries == []


def test_a_hidden_directory_of_a_bare_process_is_a_gap(
    host: FakeHost,
) -> None:
    script = "/opt/facefusion/facefusion.py"
    host.process(42, cwd=None)
    host.process(43, cwd=None, cmdline=["python3", script, "run"])
    host.process(44, cwd=None, cmdline=["python3", "/x/run.py"])

    answer, gaps = look(BARE)

    assert pids(answer) == [43]
    assert len(gaps.entries) == 2
    assert "process 42" in gaps.entries[0]["because"]


def test_hidden_processes_are_a_gap(host: FakeHost) -> None:
    (host.folder / "proc/1").rename(host.folder / "hidden")

    _, gaps = look(BARE)

    assert "hidepid" in gaps.entries[0]["because"]


def test_what_runs_here_goes_before_what_runs_in_a_container(
    host: FakeHost,
) -> None:
    host.process(42, contained=True)
    alone, _ = look(BARE)
    host.process(43)
    both, _ = look(BARE)

    assert pids(alone) == [42]
    assert pids(both) == [43]


def test_without_an_uptime_no_process_is_told(host: FakeHost) -> None:
    host.process(42)
    host.write("proc/uptime", "")

    answer, gaps = look(BARE)

    assert answer["processes"] == []
    assert "uptime" in gaps.entries[0]["because"]


def test_too_many_processes_are_a_gap(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.finding._PROCESSES", 2)
    for pid in (42, 43, 44):
        host.process(pid)

    answer, gaps = look(BARE)

    assert pids(answer) == [42, 43]
    assert "all 3 processes" in gaps.entries[0]["because"]


def test_too_long_command_lines_are_a_gap(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.service._ANSWER_LIMIT", 80)
    host.process(42)
    host.process(43)

    answer, gaps = look(BARE)

    assert pids(answer) == [42]
    assert "too much to say" in gaps.entries[0]["because"]


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"manager": "runit"},
        {"manager": ["systemd"]},
        {"manager": "systemd", "unit": "-H evil"},
        {"manager": "docker", "unit": None},
        {"manager": "process"},
        {"manager": "process", "directory": "relative"},
        {"manager": "process", "directory": "/a/../b"},
        {"manager": "process", "directory": "/a\0b"},
        {"manager": "process", "directory": "/" + "a" * 5000},
        {**UNIT, "port": "7870"},
        {**UNIT, "port": True},
        {**UNIT, "port": 0},
        {**UNIT, "port": 65536},
    ],
)
def test_a_question_without_sense_is_refused(
    question: dict[str, object],
) -> None:
    with pytest.raises(Refused) as refused:
        look(question)

    assert refused.value.reason == "bad_request"
    assert refused.value.because.startswith("cannot ")


def test_a_path_is_taken_in_its_plain_form() -> None:
    assert absolute_path("//opt//ff/./", "x") == "/opt/ff"
    assert absolute_path("/", "x") == "/"
    assert read_service({**UNIT, "port": None}).port is None


def test_a_real_server_is_found_with_its_port(tmp_path: Path) -> None:
    process, port = real_server(tmp_path)
    question = {"manager": "process", "directory": str(tmp_path), "port": port}

    try:
        answer, gaps = look(question)
    finally:
        process.kill()
        process.communicate()

    assert gaps.entries == []
    assert servers(answer) == [process.pid]
    (only,) = answer["listeners"]
    assert (only["address"], only["port"], only["pid"]) == (
        "127.0.0.1",
        port,
        process.pid,
    )
    assert look(question)[0]["processes"] == []


def test_a_child_of_a_real_server_does_not_serve(tmp_path: Path) -> None:
    (tmp_path / "facefusion.py").write_text(
        "import os, sys\nos.fork()\nprint(flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "facefusion.py", "run"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.readline()
    question: dict[str, object] = {
        "manager": "process",
        "directory": str(tmp_path),
    }

    try:
        answer, _ = look(question)
        found = find_servers(read_service(question), Gaps("x"), 1.0)
    finally:
        process.communicate(b"")

    assert len(answer["processes"]) == 2
    assert servers(answer) == [process.pid]
    assert [one.pid for one in found] == [process.pid]
