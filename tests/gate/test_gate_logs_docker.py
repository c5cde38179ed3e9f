"""A container's log is read by the times that docker notes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.containerlog import parse_rows, read_container_log
from monitor.gate.gaps import Gaps
from monitor.gate.log import observe_log
from monitor.gate.logtext import LogSeen
from tests.gate.fake_host import FakeHost

T = "2026-11-22T12:00:0"
AT = 1_795_348_800_000_000_000


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    monkeypatch.setattr(
        "monitor.gate.containerlog._now", lambda: AT + 3600 * 10**9
    )
    return FakeHost(tmp_path, monkeypatch)


class Box:
    """A container's log; docker answers `--since` with what is there."""

    def __init__(self, host: FakeHost) -> None:
        self.host = host
        self.cursor: str | None = None
        self.gaps = Gaps("log")
        self.started = "2026-11-22T11:00:00Z"
        self.says("", "")

    def says(self, out: str, err: str, code: int = 0) -> None:
        self.host.write("out", out)
        self.host.write("err", err)
        folder = self.host.folder
        self.host.tool(
            "docker",
            f'if [ "$1" = inspect ]; then echo {self.started}; exit; fi\n'
            f"cat {folder}/out; cat {folder}/err >&2; exit {code}",
        )

    def look(self, limit: int = 262144) -> LogSeen:
        seen = read_container_log("ff", self.cursor, limit, self.gaps, 4.0)
        self.cursor = seen.cursor
        return seen

    def texts(self) -> list[str]:
        return [one.text for one in self.look().lines]


@pytest.fixture
def box(host: FakeHost) -> Box:
    return Box(host)


def test_both_streams_are_one_log_by_time(box: Box) -> None:
    box.says(f"{T}1.5Z out 1\n{T}3Z out 2\n", f"{T}2Z err\r\n")

    seen = box.look()

    assert [one.text for one in seen.lines] == ["out 1", "err", "out 2"]
    assert seen.lines[0].at == AT / 10**9 + 1.5
    assert not seen.rotated
    assert not seen.restarted
    assert box.host.calls("docker") == ["logs --timestamps --tail=5000 -- ff"]


def test_lines_of_one_moment_are_told_once_and_none_is_lost(box: Box) -> None:
    box.says(f"{T}1Z a\n{T}1Z a\n", f"{T}1Z b\n")
    first = box.texts()
    box.says(f"{T}1Z a\n{T}1Z a\n{T}1Z a\n", f"{T}1Z b\n{T}2Z c\n")
    second = box.texts()
    box.says("", f"{T}2Z c\n")
    third = box.texts()

    assert first == ["a", "a", "b"]
    assert second == ["a", "c"]
    assert third == []
    since = "--since=2026-11-22T12:00:01.000000000Z"
    assert since in box.host.calls("docker")[1]


def test_a_moment_seen_in_part_is_not_forgotten(box: Box) -> None:
    box.says(f"{T}1Z a\n", "")
    box.look()
    cursor = box.cursor
    box.says("", f"{T}1Z b\n")
    more = box.texts()
    box.says(f"{T}1Z a\n", f"{T}1Z b\n")
    again = box.texts()
    box.says("", "")
    nothing = box.texts()

    assert cursor == f"{AT + 10**9}.1.0"
    assert more == ["b"]
    assert again == nothing == []
    assert box.cursor == f"{AT + 10**9}.1.1"


def test_an_empty_log_is_read_from_its_beginning(box: Box) -> None:
    first = box.look()
    box.says(f"{T}1Z the first\n", "")

    seen = box.look()

    assert first.lines == []
    assert [one.text for one in seen.lines] == ["the first"]
    assert not seen.rotated


def test_a_container_begun_since_is_a_restart(box: Box) -> None:
    box.says(f"{T}1Z a\n", "")
    box.look()
    box.started = f"{T}2Z"
    box.says(f"{T}3Z b\n", "")
    after = box.look()
    box.started = "never"
    box.says(f"{T}4Z c\n", "")

    assert after.restarted
    assert not box.look().restarted


def test_a_cursor_of_tomorrow_is_a_new_beginning(box: Box) -> None:
    box.cursor = f"{AT + 365 * 86400 * 10**9}.1.0"
    box.says(f"{T}1Z a\n", "")

    seen = box.look()

    assert [one.text for one in seen.lines] == ["a"]
    assert seen.rotated
    assert "--since" not in box.host.calls("docker")[0]


def test_too_much_is_asked_for_again_with_fewer_lines(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.containerlog._MOST_OUTPUT", 1000)
    box.host.tool(
        "docker",
        'case "$*" in *tail=5000*) yes | head -c 9000; exit ;; esac\n'
        f"echo '{T}1Z newest'",
    )

    assert box.texts() == ["newest"]
    assert "--tail=300" in box.host.calls("docker")[1]


def test_of_many_lines_the_newest_are_told(box: Box) -> None:
    rows = [f"{T}{n}Z line {n}\n" for n in range(10)]
    box.says("".join(rows[:1]), "")
    box.look()
    box.says("".join(rows), "")

    seen = box.look(limit=14)

    assert [one.text for one in seen.lines] == ["line 8", "line 9"]
    assert seen.skipped == 7 * 7


def test_a_docker_that_refuses_is_a_gap(box: Box) -> None:
    box.cursor = "5.1.1"
    box.says("", "permission denied while trying to connect\n", 1)

    seen = box.look()

    assert seen.lines == []
    assert seen.cursor == "5.1.1"
    assert "group docker" in box.gaps.entries[0]["because"]


def test_the_part_asks_docker(box: Box) -> None:
    box.says(f"{T}1Z a\nno time\n", "")

    answer = observe_log({"source": "docker", "unit": "ff"}, box.gaps)

    assert answer["lines"] == [{"at": AT / 10**9 + 1, "text": "a"}]


@given(st.binary())
def test_any_output_gives_rows_with_times(output: bytes) -> None:
    assert all(row.at >= 0 for row in parse_rows(output))


def test_a_row_before_1970_is_none() -> None:
    assert parse_rows(b"0001-01-01T00:00:00Z x\n") == []


def test_the_clock_is_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeHost(tmp_path, monkeypatch).tool("docker", "exit 1")
    gaps = Gaps("log")

    seen = read_container_log("no", "1.1.1", 10, gaps, 1.0)

    assert seen.cursor == "1.1.1"
