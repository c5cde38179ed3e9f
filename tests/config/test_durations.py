"""Durations are written with a unit and kept as seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.values.duration import (
    PATTERN,
    duration_text,
    parse_duration,
)
from monitor.config.values.refusal import Refused

MILLISECONDS = st.integers(1, 366 * 86_400_000)


@given(MILLISECONDS)
def test_any_length_is_written_and_read_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000

    assert parse_duration(duration_text(seconds)) == seconds


@given(st.from_regex(PATTERN, fullmatch=True))
def test_what_the_schema_allows_is_read_or_refused_by_its_length(
    text: str,
) -> None:
    try:
        seconds = parse_duration(text.rstrip("\n"), zero=True)
    except Refused as refused:
        (refusal,) = refused.refusals
        assert refusal.what in {
            "{value} is too long",
            "{value} is finer than 1ms",
            "{value} is not a duration",  # digits of another alphabet
        }
    else:
        assert parse_duration(duration_text(seconds), zero=True) == seconds


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_anything_else_is_refused_with_a_hint(value: object) -> None:
    try:
        seconds = parse_duration(value)
    except Refused as refused:
        hints = [refusal.hint for refusal in refused.refusals]
    else:
        hints = [duration_text(seconds)]
    assert all(hints)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0),
        ("5m", 300.0),
        ("1h", 3600.0),
        ("1d", 86400.0),
        ("500ms", 0.5),
        ("1h30m", 5400.0),
        ("1s500ms", 1.5),
        ("1.5s", 1.5),
        ("0.5h", 1800.0),
        ("90m", 5400.0),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5min", "did you mean 5m?"),
        ("5 minutes", "did you mean 5m?"),
        ("10 Sec", "did you mean 10s?"),
        ("2hours", "did you mean 2h?"),
        ("250 millis", "did you mean 250ms?"),
        ("3days", "did you mean 3d?"),
    ],
)
def test_a_unit_in_words_is_understood_and_mended(
    text: str, hint: str
) -> None:
    with pytest.raises(Refused) as caught:
        parse_duration(text)

    assert caught.value.refusals[0].hint == hint


def test_zero_is_possible_only_where_it_makes_sense() -> None:
    assert parse_duration("0s", zero=True) == 0.0
    assert duration_text(0.0) == "0s"
    with pytest.raises(Refused):
        parse_duration("0s")


def test_the_shortest_interval_is_a_tenth_of_a_second() -> None:
    assert parse_duration("100ms", least=0.1) == 0.1
    with pytest.raises(Refused):
        parse_duration("99ms", least=0.1)


def test_a_year_and_a_day_is_too_long() -> None:
    assert parse_duration("366d") == 366 * 86400
    with pytest.raises(Refused):
        parse_duration("366d1ms")
