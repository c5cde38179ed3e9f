"""What comes from a gate is whole objects, or nothing."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.gate.lines import (
    LONGEST,
    Lines,
    read_object,
    write_object,
)
from monitor.domain.errors import Unreadable

LEAVES = st.none() | st.booleans() | st.text() | st.integers(-9999, 9999)
OBJECTS = st.dictionaries(st.text(), LEAVES, min_size=1)


@given(objects=st.lists(OBJECTS), cuts=st.lists(st.integers(1, 40)))
def test_objects_come_whole_however_they_are_cut(
    objects: list[dict[str, object]], cuts: list[int]
) -> None:
    data = b"".join(write_object(one) for one in objects)
    lines = Lines()
    found = []

    for cut in [*cuts, len(data)]:
        found += lines.feed(data[:cut])
        data = data[cut:]

    assert [read_object(line) for line in found] == objects


@given(data=st.binary(max_size=200))
def test_any_line_is_an_object_or_refused(data: bytes) -> None:
    for line in Lines().feed(data + b"\n"):
        with contextlib.suppress(Unreadable):
            assert isinstance(read_object(line), dict)


def test_a_line_that_is_too_long_is_thrown_away_and_counted() -> None:
    lines = Lines()

    found = [line for _ in range(20) for line in lines.feed(b"x" * 70_000)]
    found += lines.feed(b"rest\n{}\n")

    assert found == [b"{}"]
    assert lines.overlong == 1


def test_the_longest_line_is_kept() -> None:
    lines = Lines()

    (line,) = lines.feed(b"x" * LONGEST + b"\n")

    assert len(line) == LONGEST
    assert not lines.overlong


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"7",
        b"{",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"1" * 21 + b"}",
        b"[" * 100_000,
        b"\xff",
        b"",
    ],
)
def test_what_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(Unreadable, match="cannot read a line of the gate"):
        read_object(line)


def test_a_line_may_look_like_a_comment_of_a_shell() -> None:
    assert read_object(b'# {"v":1}') == {"v": 1}


def test_a_request_is_one_line_of_ascii() -> None:
    line = write_object({"text": "ä\n"})

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert json.loads(line) == {"text": "ä\n"}


def test_a_request_that_is_too_long_is_refused() -> None:
    with pytest.raises(Unreadable, match="longer than 1048576 bytes"):
        write_object({"data": "x" * LONGEST})
