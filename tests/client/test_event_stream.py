"""Server-sent events: the same however they are cut into pieces."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.client.errors import NotOurs
from monitor.client.stream import LONGEST, Event, Stream

URL = "http://127.0.0.1:10777"


def heard(*pieces: bytes) -> list[Event]:
    stream = Stream(URL)
    return [event for piece in pieces for event in stream.heard(piece)]


def test_an_event_has_a_name_data_and_an_id() -> None:
    text = b'id: 7\nevent: look\ndata: {"a": 1}\n\n'

    assert heard(text) == [Event(name="look", data={"a": 1}, id="7")]


def test_data_of_several_lines_is_one_text() -> None:
    assert heard(b"data: [1,\ndata: 2]\n\n") == [
        Event(name="message", data=[1, 2])
    ]


def test_an_id_holds_until_another_comes() -> None:
    text = b"id: 7\ndata: 1\n\ndata: 2\n\nid: 8\n\ndata: 3\n\n"

    assert [event.id for event in heard(text)] == ["7", "7", "8"]


def test_comments_and_a_retry_are_no_events() -> None:
    assert heard(b"retry: 3000\n\n: still here\n\n") == []


def test_lines_may_end_as_on_the_web() -> None:
    assert heard(b"data: 1\r\n\r\n") == [Event(name="message", data=1)]


def test_half_an_event_waits_for_its_end() -> None:
    stream = Stream(URL)

    assert list(stream.heard(b"data: 1\n")) == []
    assert list(stream.heard(b"\n")) == [Event(name="message", data=1)]


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 100_000])
def test_data_that_is_no_json_is_not_ours(data: bytes) -> None:
    with pytest.raises(NotOurs, match="an event holds no JSON"):
        heard(b"data: " + data + b"\n\n")


@pytest.mark.parametrize("line", [b"data: ", b"data: \n", b": x\n"])
def test_an_event_without_end_is_not_ours(line: bytes) -> None:
    with pytest.raises(NotOurs, match=f"longer than {LONGEST} bytes"):
        heard(*([line * 20_000] * 20))


@given(st.binary(max_size=200))
def test_any_bytes_are_events_or_one_named_error(data: bytes) -> None:
    try:
        events = heard(data)
    except NotOurs:
        return
    assert all(isinstance(event, Event) for event in events)


@given(
    st.lists(st.dictionaries(st.text(), st.text(), max_size=2), max_size=4),
    st.lists(st.integers(0, 400), max_size=5),
)
def test_the_cuts_do_not_matter(
    told: list[dict[str, str]], cuts: list[int]
) -> None:
    text = b"".join(
        b"data: " + json.dumps(one).encode() + b"\n\n" for one in told
    )
    ends = [0, *sorted(cuts), len(text)]

    pieces = [text[a:b] for a, b in pairwise(ends)]

    assert [event.data for event in heard(*pieces)] == told
