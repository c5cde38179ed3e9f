"""Requests are read or refused by name; answers are lines."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.protocol import (
    Refused,
    line_of,
    number_of,
    read_request,
    refusal,
)


def refused(line: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read_request(line)
    return caught.value


def test_a_request_is_read() -> None:
    request = read_request(b'{"v":1,"id":"a.1-_","verb":"hello"}')

    assert request == {"v": 1, "id": "a.1-_", "verb": "hello"}


def test_a_request_may_look_like_a_comment() -> None:
    request = read_request(b'# {"v":1,"id":"a","verb":"hello"}')

    assert request["id"] == "a"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'"text"',
        b"[" * 100_000,
        b'{"v":NaN}',
        b'{"v":' + b"9" * 100_000 + b"}",
        b'{"v":1,"id":"a","verb":"hello","skip":' + b"9" * 21 + b"}",
    ],
)
def test_what_is_no_object_is_unreadable(line: bytes) -> None:
    error = refused(line)

    assert error.reason == "unreadable"
    assert error.id is None


@pytest.mark.parametrize("word", ["", "a b", "a\n", "x" * 65, 5, None, []])
def test_an_id_of_another_form_is_refused_and_not_repeated(
    word: object,
) -> None:
    line = json.dumps({"v": 1, "id": word, "verb": "hello"}).encode()

    error = refused(line)

    assert error.reason == "bad_request"
    assert error.id is None


@pytest.mark.parametrize("version", [0, 2, "1", None, True, [1]])
def test_another_version_is_refused_with_ours(version: object) -> None:
    line = json.dumps({"v": version, "id": "a", "verb": "hello"}).encode()

    error = refused(line)

    assert (error.reason, error.id) == ("version", "a")
    assert "mine is 1" in error.because


def test_a_request_without_a_verb_is_refused() -> None:
    error = refused(b'{"v":1,"id":"a","verb":7}')

    assert (error.reason, error.id) == ("bad_request", "a")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(line: bytes) -> None:
    with contextlib.suppress(Refused):
        assert read_request(line)["v"] == 1


def test_an_answer_is_one_line_even_with_half_a_character() -> None:
    line = line_of({"id": "a", "text": "one\ntwo \ud800 é"})

    assert line.count(b"\n") == 1
    assert json.loads(line) == {"v": 1, "id": "a", "text": "one\ntwo ? é"}


def test_a_refusal_says_reason_and_sentence() -> None:
    answer = refusal(Refused("busy", "cannot now", "a"))

    error = {"reason": "busy", "because": "cannot now"}
    assert answer == {"id": "a", "error": error}


def test_a_number_is_bounded_and_has_a_default() -> None:
    assert number_of({}, "within", 8.0, 60.0) == 8.0
    assert number_of({"within": 5}, "within", 8.0, 60.0) == 5
    assert number_of({"within": 1e99}, "within", 8.0, 60.0) == 60.0


@pytest.mark.parametrize("value", ["5", True, None, 0, -1, []])
def test_what_is_no_positive_number_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="cannot use within"):
        number_of({"within": value}, "within", 8.0, 60.0)
