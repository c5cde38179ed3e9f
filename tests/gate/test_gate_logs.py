"""Lines of a log leave the host clean, cut, and not too many."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.log import observe_log
from monitor.gate.logtext import LogLine, clean, lines_of, newest_lines
from monitor.gate.protocol import Refused


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"[FACEFUSION.CORE] processing", "[FACEFUSION.CORE] processing"),
        (b"\rprocessing: 10%\rprocessing: 99%\r", "processing: 99%"),
        (b"windows\r\n", "windows"),
        (b"\0\0\0text\0", "text"),
        (b"\x1b[32mINFO\x1b[0m: ok\x07", "INFO: ok"),
        (b"tab\tstays", "tab\tstays"),
        ("Gesicht für ß".encode(), "Gesicht für ß"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_a_line_is_cleaned(raw: bytes, text: str) -> None:
    assert clean(raw) == text


@given(st.binary(), st.integers(1, 20))
def test_any_bytes_become_a_short_line(raw: bytes, times: int) -> None:
    text = clean(raw * times * 100)

    assert len(text) <= 2000
    assert not set(text) & {"\0", "\r", "\x1b", "\x7f"}


def test_ten_megabytes_without_an_end_are_cut() -> None:
    assert len(clean(b"x" * 10_000_000)) == 2000


def test_empty_lines_tell_nothing() -> None:
    assert lines_of(b"a\n\n \r\nb", 7.0) == [
        LogLine(7.0, "a"),
        LogLine(7.0, "b"),
    ]


def test_the_newest_lines_are_kept() -> None:
    lines = [LogLine(None, f"line {number}") for number in range(10)]

    kept, lost = newest_lines(lines, 16)

    assert [one.text for one in kept] == ["line 8", "line 9"]
    assert lost == 8 * 7


def test_short_lines_are_bounded_by_what_an_answer_holds() -> None:
    lines = [LogLine(None, '"')] * 100_000

    kept, lost = newest_lines(lines, 1 << 20)

    assert len(kept) < 15_000
    assert lost == 2 * (100_000 - len(kept))


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"source": "syslog"},
        {"source": "journal", "unit": "-x"},
        {"source": "docker", "unit": "-x"},
        {"source": "file"},
        {"source": "file", "path": "log"},
        {"source": "file", "path": "/x", "cursor": 7},
        {"source": "file", "path": "/x", "limit": 0},
        {"source": "file", "path": "/x", "limit": "much"},
    ],
)
def test_a_question_without_sense_is_refused(
    question: dict[str, object],
) -> None:
    with pytest.raises(Refused) as refused:
        observe_log(question, Gaps("log"))

    assert refused.value.reason == "bad_request"
    assert refused.value.because.startswith("cannot ")


def test_a_file_is_answered_as_the_protocol_says(tmp_path: Path) -> None:
    file = tmp_path / "ff.log"
    file.write_text("one\ntwo\n")

    answer = observe_log({"source": "file", "path": str(file)}, Gaps("log"))

    cursor = answer.pop("cursor")
    assert isinstance(cursor, str)
    assert answer == {
        "source": "file",
        "lines": [{"at": None, "text": "one"}, {"at": None, "text": "two"}],
        "skipped_bytes": 0,
        "rotated": False,
        "restarted": False,
    }
