"""A stream is cut into lines with bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.lines import LineReader
from monitor.gate.protocol import Refused

TOO_LONG = "too_large"


def read(reader: LineReader, data: bytes) -> list[bytes | str]:
    """Feed some bytes and return the lines, and what was too long."""
    reader.feed(data)
    found: list[bytes | str] = []
    while True:
        try:
            line = reader.line()
        except Refused as refused:
            found.append(refused.reason)
            continue
        if line is None:
            return found
        found.append(line)


def test_lines_come_whole() -> None:
    reader = LineReader()

    assert read(reader, b"one\ntw") == [b"one"]
    assert read(reader, b"o\n\nthree") == [b"two", b""]
    assert reader.rest() == b"three"


def test_a_line_that_is_too_long_is_said_once_and_the_next_is_read() -> None:
    reader = LineReader(longest=10)

    assert read(reader, b"x" * 11) == [TOO_LONG]
    assert read(reader, b"x" * 50) == []
    assert read(reader, b"x\nnext\n") == [b"next"]
    assert reader.rest() == b""


def test_a_long_line_that_came_at_once_is_too_long_as_well() -> None:
    reader = LineReader(longest=10)

    found = read(reader, b"x" * 11 + b"\n" + b"y" * 10 + b"\n")

    assert found == [TOO_LONG, b"y" * 10]


def test_the_end_of_an_overlong_line_is_no_line() -> None:
    reader = LineReader(longest=10)

    read(reader, b"x" * 20)

    assert read(reader, b"tail") == []
    assert reader.rest() == b""


def test_bytes_for_somebody_else_are_thrown_away() -> None:
    reader = LineReader()
    reader.feed(b"hello\nscri")
    assert reader.line() == b"hello"

    reader.skip(7)

    assert reader.line() is None
    assert read(reader, b"pt\nnext\n") == [b"next"]


@given(
    lines=st.lists(st.binary(max_size=15).filter(lambda x: b"\n" not in x)),
    cuts=st.lists(st.integers(1, 20), max_size=50),
)
def test_however_it_arrives_the_lines_are_the_same(
    lines: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(line + b"\n" for line in lines)
    reader = LineReader(longest=10)

    found = []
    for cut in cuts:
        found += read(reader, data[:cut])
        data = data[cut:]
    found += read(reader, data)

    expected = [TOO_LONG if len(line) > 10 else line for line in lines]
    assert found == expected


@pytest.mark.parametrize("size", [65_536])
def test_ten_megabytes_without_an_end_are_never_held(size: int) -> None:
    reader = LineReader()
    said = []

    for _ in range(160):
        said += read(reader, b"x" * size)

    assert said == [TOO_LONG]
    assert len(reader._kept) <= size  # noqa: SLF001 - the bound
