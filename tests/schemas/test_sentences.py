"""Words that people give with a wish: one line, and nothing hidden in it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.domain.recovery.words import Action
from monitor.schemas.recovery import Denial, NewPlan

HIDDEN = [
    "\n",
    "\r",
    "\t",
    "\0",
    "\x1b",
    "\x7f",
    "\x85",
    "\u200e",
    "\u2028",
    "\u202e",
    "\u2066",
]


@given(st.text(max_size=600))
def test_any_text_is_a_sentence_or_refused(text: str) -> None:
    try:
        said = Denial(reason=text).reason
    except ValidationError:
        assert len(text) > 500 or not text.strip() or not text.isprintable(), (
            text
        )
    else:
        assert said == text
        assert 1 <= len(said) <= 500
        assert said.strip()
        assert said.splitlines() == [said]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("text", ["{}a", "a{}", "a{}b"])
def test_what_hides_or_forges_a_line_is_refused(
    text: str, hidden: str
) -> None:
    with pytest.raises(ValidationError, match="must be one line"):
        Denial(reason=text.format(hidden))


@pytest.mark.parametrize(
    "text",
    ["x", "привет, мир", "重启", "👩\u200d💻 $(rm -rf /); `id`", "a" * 500],
)
def test_people_may_write_as_they_do(text: str) -> None:
    assert Denial(reason=text).reason == text


@given(st.text(max_size=600))
def test_the_described_pattern_is_the_rule_that_holds(text: str) -> None:
    schema: dict[str, Any] = Denial.model_json_schema()
    described = schema["properties"]["reason"]
    pattern = described["pattern"].removesuffix("$") + r"\Z"
    fits = re.match(pattern, text) is not None
    fits = fits and len(text) <= described["maxLength"]

    try:
        Denial(reason=text)
    except ValidationError:
        holds = False
    else:
        holds = True

    assert holds is fits


def test_a_wish_has_no_field_that_nobody_described() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        NewPlan.model_validate(
            {"action": Action.RESTART, "reason": "x", "force": True}
        )
