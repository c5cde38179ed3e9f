"""Words of strangers are made fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.quote import quote


@given(text=st.text(max_size=2000), limit=st.integers(1, 200))
def test_any_text_becomes_one_short_printable_line(
    text: str, limit: int
) -> None:
    line = quote(text, limit)

    assert len(line) <= limit
    assert line.isprintable()
    assert line == line.strip()
    line.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("all is well", "all is well"),
        ("  two\r\n\tlines  ", "two lines"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("right\u202eleft", "right left"),
        ("\ud800", ""),
        ("http://ann:pa@ss@gpu1/x", "http://***@gpu1/x"),
        ("see http://gpu1/x?key=1&b=2 now", "see http://gpu1/x?*** now"),
        ("Authorization: Bearer abc.def", "Authorization: *** ***"),
        ("password=hunter2, more", "password=***, more"),
        ('{"api_key": "abc", "a": 1}', '{"api_key": "***", "a": 1}'),
        ("HF_TOKEN=hf_abc", "HF_TOKEN=***"),
        ("is it up? yes", "is it up? yes"),
    ],
)
def test_secrets_and_control_characters_are_left_out(
    text: str, shown: str
) -> None:
    assert quote(text) == shown


def test_a_long_text_ends_with_an_ellipsis() -> None:
    assert quote("word " * 100, 12) == "word word w…"


def test_of_a_huge_text_only_the_beginning_is_looked_at() -> None:
    assert quote("?" * 1_000_000, 3) == "??…"


def test_a_text_of_exactly_the_limit_stays_whole() -> None:
    assert quote("x" * 12, 12) == "x" * 12
