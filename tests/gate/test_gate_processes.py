"""Processes are read from /proc whole, or they are not there."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate import processes
from monitor.gate.processes import (
    cgroup_of,
    command_line,
    host_boot_time,
    parse_stat,
    read_process,
    user_names,
)
from monitor.gate.procfiles import all_pids, read_whole, whole_number
from tests.gate.fake_host import PAGE, SERVER, FakeHost


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def test_a_process_is_known_by_what_does_not_change(host: FakeHost) -> None:
    host.process(42, ticks=5000, name="my (odd) name")

    seen = read_process(42, 1_000_000.0, {1000: "ff"})

    assert seen
    assert (seen.pid, seen.ppid, seen.uid, seen.user) == (42, 1, 1000, "ff")
    assert seen.start_ticks == 5000
    assert seen.started_at == 1_000_050.0
    assert seen.name == "my (odd) name"
    assert seen.cmdline == SERVER
    assert seen.cwd == "/opt/facefusion"
    assert seen.cgroup == "/system.slice/facefusion.service"
    assert (seen.cpu_seconds, seen.threads) == (2.0, 3)
    assert seen.resident == 7 * PAGE


def test_a_process_that_is_gone_is_not_there(host: FakeHost) -> None:
    (host.folder / "proc/43").mkdir()

    assert read_process(42, 0.0, {}) is None
    assert read_process(43, 0.0, {}) is None


def test_a_process_without_its_status_is_not_there(host: FakeHost) -> None:
    host.process(42)
    host.write("proc/42/status", "Name: x\nUid:\t0\nUid:\t0 many\n")

    assert read_process(42, 0.0, {}) is None


def test_a_number_used_again_while_we_read_is_nobody(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.process(42, ticks=1)
    first = processes.stat_of(42)
    host.process(42, ticks=2)
    answers = [first, processes.stat_of(42), first, None]
    monkeypatch.setattr(processes, "stat_of", lambda _pid: answers.pop(0))

    assert read_process(42, 0.0, {}) is None
    assert read_process(42, 0.0, {}) is None


def test_a_hidden_directory_is_not_guessed(host: FakeHost) -> None:
    host.process(42, cwd=None, contained=True)

    seen = read_process(42, 0.0, {})

    assert seen
    assert seen.cwd is None
    assert seen.contained


def test_a_command_line_is_cut_and_kept_as_it_is(host: FakeHost) -> None:
    host.process(42, cmdline=["python", "", "x" * 600, "é \n"])
    host.process(43, cmdline=["a"] * 100)
    host.process(44, cmdline=["y" * 512] * 20)
    host.process(45, cmdline=[])
    host.write("proc/46/cmdline", b"nginx: \xff worker")

    assert command_line(42) == ("python", "", "x" * 512, "é \n")
    assert len(command_line(43)) == 64
    assert sum(len(one) for one in command_line(44)) < 4097
    assert command_line(45) == ()
    assert command_line(46) == ("nginx: \ufffd worker",)
    assert command_line(47) == ()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("0::/system.slice/a.service\n", "/system.slice/a.service"),
        ("4:memory:/m\n1:name=systemd:/s\n0::/\n", "/s"),
        ("4:memory:/docker/abc\n1:name=systemd:/\n0::/\n", "/docker/abc"),
        ("0::/\n", "/"),
        ("", ""),
    ],
)
def test_of_many_groups_the_telling_one_counts(text: str, path: str) -> None:
    assert cgroup_of(text) == path


def test_the_start_of_the_machine_is_its_uptime_ago(host: FakeHost) -> None:
    uptime = host.folder / "proc/uptime"
    first = host_boot_time()
    uptime.write_text("2000.0 1\n")
    second = host_boot_time()
    uptime.write_text("soon")
    unreadable = host_boot_time()
    uptime.unlink()

    assert first
    assert second
    assert 999 < first - second < 1001
    assert unreadable is None
    assert host_boot_time() is None


def test_users_are_read_from_the_file_alone(host: FakeHost) -> None:
    assert user_names() == {0: "root", 1000: "ff"}

    (host.folder / "etc/passwd").unlink()

    assert user_names() == {}


def test_only_numbers_are_processes(host: FakeHost) -> None:
    for name in ("self", "²", "12", "007x", "-3"):
        (host.folder / "proc" / name).mkdir()

    assert all_pids() == [1, 12]


def test_without_proc_there_are_no_processes(host: FakeHost) -> None:
    (host.folder / "proc").rename(host.folder / "nothing")

    assert all_pids() == []


def test_a_file_is_read_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 200_000)

    assert len(read_whole(str(file))) == 200_000
    assert len(read_whole(str(file), 70_000)) == 70_000


def test_this_very_process_can_be_read() -> None:
    boot_time = host_boot_time()
    assert boot_time

    seen = read_process(os.getpid(), boot_time, {})

    assert seen
    assert seen.ppid == os.getppid()
    assert seen.cwd == str(Path.cwd())
    assert seen.resident > 1_000_000
    assert boot_time < seen.started_at < boot_time + 10**9


@given(st.text())
def test_any_text_is_a_whole_stat_or_none(text: str) -> None:
    found = parse_stat(text)

    assert found is None or isinstance(found.start_ticks, int)


@given(st.text(alphabet=st.characters(exclude_characters="\n")))
def test_any_name_of_a_process_is_read(name: str) -> None:
    fields = " ".join(str(n) for n in range(4, 53))

    found = parse_stat(f"7 ({name}) D {fields}\n")

    assert found
    assert (found.name, found.state, found.ppid) == (name, "D", 4)
    assert (found.start_ticks, found.threads, found.pages) == (22, 20, 24)
    assert found.cpu_ticks == 14 + 15


def test_a_stat_without_numbers_is_none() -> None:
    assert parse_stat("7 (x) S " + "a " * 50) is None


@given(st.text())
def test_a_number_is_plain_digits(text: str) -> None:
    number = whole_number(text)

    assert number is None or text.rstrip("\n").isdigit()
