"""A log file is followed: nothing twice, nothing lost, nothing whole."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.gate.filelog import read_log_file
from monitor.gate.gaps import Gaps
from monitor.gate.logtext import LogSeen

LIMIT = 262144


class Reader:
    """Follows one file by its cursor, as the monitor does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cursor: str | None = None
        self.gaps = Gaps("log")

    def look(self, limit: int = LIMIT) -> LogSeen:
        seen = read_log_file(str(self.path), self.cursor, limit, self.gaps)
        self.cursor = seen.cursor
        return seen

    def texts(self, limit: int = LIMIT) -> list[str]:
        return [one.text for one in self.look(limit).lines]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "ff.log")


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def test_each_line_is_told_once(reader: Reader) -> None:
    append(reader.path, "one\ntwo\n")
    first = reader.texts()
    second = reader.texts()
    append(reader.path, "three\n")
    third = reader.look()

    assert first == ["one", "two"]
    assert second == []
    assert [one.text for one in third.lines] == ["three"]
    assert not third.rotated


def test_half_a_line_waits_for_its_end(reader: Reader) -> None:
    append(reader.path, "one\ntw")
    first = reader.texts()
    append(reader.path, "o\n")

    assert first == ["one"]
    assert reader.texts() == ["two"]


def test_a_line_too_long_to_wait_for_is_cut(reader: Reader) -> None:
    append(reader.path, "")
    reader.look()
    append(reader.path, b"x" * 10_000_000)

    seen = reader.look()

    (line,) = seen.lines
    assert len(line.text) == 2000
    assert seen.skipped >= 10_000_000 - LIMIT
    assert reader.texts() == []


def test_a_first_look_shows_the_end(reader: Reader) -> None:
    append(reader.path, "".join(f"line {n:07}\n" for n in range(100_000)))

    seen = reader.look()

    assert seen.lines[-1].text == "line 0099999"
    assert 65_000 < sum(len(one.text) + 1 for one in seen.lines) <= 65_536
    assert all(len(one.text) == 12 for one in seen.lines)
    assert seen.skipped == 0
    assert not seen.rotated


def test_of_two_gigabytes_only_the_end_is_read(reader: Reader) -> None:
    append(reader.path, "one\n")
    reader.look()
    with reader.path.open("r+b") as file:  # a hole takes no room on disk
        file.truncate(2 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"\nlast\n")

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["last"]
    assert (2 << 30) - LIMIT < seen.skipped < (2 << 30) + 100


def test_what_is_over_the_limit_is_skipped_by_lines(reader: Reader) -> None:
    append(reader.path, "start\n")
    reader.look()
    append(reader.path, "".join(f"line {n}\n" for n in range(10)))

    seen = reader.look(limit=20)

    assert [one.text for one in seen.lines] == ["line 8", "line 9"]
    assert seen.skipped == 8 * 7


def test_a_renamed_file_is_read_to_its_end_first(reader: Reader) -> None:
    append(reader.path, "one\n")
    reader.look()
    append(reader.path, "two\nlast words")
    reader.path.rename(f"{reader.path}.1")
    append(reader.path, "three\n")

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["two", "last words", "three"]
    assert seen.rotated
    assert reader.texts() == []


def test_a_file_renamed_before_its_first_line_is_read(
    reader: Reader,
) -> None:
    append(reader.path, "")
    reader.look()
    append(reader.path, "one\n")
    reader.path.rename(f"{reader.path}.1")
    append(reader.path, "two\n")

    assert reader.texts() == ["one", "two"]


def test_another_file_called_1_is_not_ours(reader: Reader) -> None:
    append(reader.path, "")
    reader.look()
    append(Path(f"{reader.path}.1"), "old\n")
    reader.path.rename(f"{reader.path}.2")
    append(reader.path, "new\n")

    assert reader.texts() == ["new"]


def test_a_copied_and_emptied_file_is_read_from_the_copy(
    reader: Reader,
) -> None:
    append(reader.path, "one\n")
    reader.look()
    append(reader.path, "two\n")
    Path(f"{reader.path}.1").write_bytes(reader.path.read_bytes())
    reader.path.write_bytes(b"3\n")

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["two", "3"]
    assert seen.rotated


def test_an_emptied_file_begins_anew(reader: Reader) -> None:
    append(reader.path, "one\ntwo\n")
    reader.look()
    reader.path.write_bytes(b"")
    append(reader.path, "new\n")

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["new"]
    assert seen.rotated


def test_a_file_overwritten_by_a_longer_text_begins_anew(
    reader: Reader,
) -> None:
    append(reader.path, "one\n")
    reader.look()
    reader.path.write_bytes(b"other\nlonger\n")

    assert reader.texts() == ["other", "longer"]


def test_a_file_replaced_by_another_begins_anew(reader: Reader) -> None:
    append(reader.path, "one\n")
    reader.look()
    other = reader.path.with_suffix(".new")
    append(other, "one\ntwo\n")
    other.replace(reader.path)

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["one", "two"]
    assert seen.rotated


def test_a_cursor_of_something_else_is_a_first_look(reader: Reader) -> None:
    append(reader.path, "one\n")
    reader.cursor = "s=abc;i=1"

    seen = reader.look()

    assert [one.text for one in seen.lines] == ["one"]
    assert seen.rotated
    assert seen.skipped == 0


def test_progress_without_an_end_is_one_state(reader: Reader) -> None:
    append(reader.path, "")
    reader.look()
    append(reader.path, "".join(f"\rprocessing: {n}%" for n in range(100)))
    held = reader.texts()
    append(reader.path, "\rprocessing: 100%\n")

    assert held == []
    assert reader.texts() == ["processing: 100%"]


def test_a_link_is_followed_to_a_regular_file(reader: Reader) -> None:
    real = reader.path.with_suffix(".real")
    append(real, "one\n")
    reader.path.symlink_to(real)

    assert reader.texts() == ["one"]


def test_a_pipe_a_device_and_a_folder_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")

    for name in ("pipe", "link", "."):
        reader = Reader(tmp_path / name)
        assert reader.look() == LogSeen(None, [])
        assert "no regular file" in reader.gaps.entries[0]["because"]


def test_a_missing_file_keeps_the_cursor(reader: Reader) -> None:
    append(reader.path, "one\n")
    reader.look()
    cursor = reader.cursor
    reader.path.unlink()

    seen = reader.look()

    assert seen.lines == []
    assert reader.cursor == cursor
    assert "no such file" in reader.gaps.entries[0]["because"]


def test_a_file_that_we_may_not_read_is_a_gap_with_advice(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(reader.path, "one\n")

    def refuse(_path: str, _flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.filelog.os.open", refuse)
        reader.look()

    assert "logs in as" in reader.gaps.entries[0]["because"]


def test_what_becomes_a_pipe_between_two_looks_is_refused(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(reader.path)
    looked = Path(__file__).stat()

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.filelog.os.stat", lambda _: looked)
        reader.look()

    assert "no regular file" in reader.gaps.entries[0]["because"]


def test_a_file_cut_while_it_is_read_ends_there(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(reader.path, "one\n")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.filelog.os.pread", lambda *_: b"")
        assert reader.look().lines == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["append", "half", "rename", "copy", "look"]),
            st.integers(0, 3),
        ),
        max_size=25,
    )
)
def test_through_any_rotation_every_line_is_told_once(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int]],
) -> None:
    reader = Reader(tmp_path_factory.mktemp("log") / "ff.log")
    append(reader.path, "begin\n")
    told = reader.texts()
    written = ["begin"]
    half = ""
    for step, many in steps:
        if step == "append":
            for _ in range(many):
                written.append(f"{half}line {len(written)}")
                append(reader.path, f"line {len(written) - 1}\n")
                half = ""
        elif step == "half" and not half:
            half = "half "
            append(reader.path, half)
        elif step == "rename" and not half:
            reader.path.replace(f"{reader.path}.1")
            append(reader.path, "")
        elif step == "copy" and not half:
            Path(f"{reader.path}.1").write_bytes(reader.path.read_bytes())
            reader.path.write_bytes(b"")
        # Logs are looked at more often than they are rotated.
        told += reader.texts()

    assert told == written


@given(st.text())
def test_any_cursor_is_taken(
    tmp_path_factory: pytest.TempPathFactory, cursor: str
) -> None:
    reader = Reader(tmp_path_factory.getbasetemp() / "any.log")
    reader.path.write_text("one\n")
    reader.cursor = cursor

    assert reader.texts() == ["one"]
