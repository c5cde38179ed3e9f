"""Whatever a machine says, it is read as a whole or refused as a whole."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.gate.acting_answers import (
    became_answer,
    done_answer,
    prepared_answer,
)
from monitor.adapters.gate.acting_flaws import refusal
from monitor.domain.errors import CannotReach, HandRefused
from monitor.ports import HandAnswer
from tests.adapters.acting_gate import AIM, BECAME, DONE, PREPARED, WHERE, Body
from tests.domain.any_json import JSON

Read = Callable[[Body], HandAnswer]
READERS: dict[str, tuple[Read, Body]] = {
    "prepare": (lambda body: prepared_answer(body, AIM, WHERE), PREPARED),
    "restart": (lambda body: done_answer(body, WHERE), DONE),
    "became": (lambda body: became_answer(body, AIM, WHERE), BECAME),
}
STATES = {"none", "running", "done", "failed"}


@pytest.mark.parametrize("do", READERS)
@given(field=st.sampled_from(sorted(BECAME)), value=JSON)
def test_any_answer_is_read_or_refused(
    do: str, field: str, value: object
) -> None:
    read, whole = READERS[do]

    answer = _read(read, {**whole, field: value})

    if isinstance(answer, CannotReach):
        assert answer.reason == "unreadable"
        assert str(answer).isprintable()
        return
    assert answer.state in STATES
    assert answer.highest >= 0
    assert all(text.isprintable() for text in (*answer.steps, answer.because))


def _read(read: Read, body: Body) -> HandAnswer | CannotReach:
    try:
        return read(body)
    except CannotReach as failure:
        return failure


@pytest.mark.parametrize("do", READERS)
def test_a_whole_answer_is_read(do: str) -> None:
    read, whole = READERS[do]

    assert read(whole).highest == 7


@pytest.mark.parametrize(
    ("do", "missing"),
    [
        ("prepare", "nonce"),
        ("prepare", "boot_id"),
        ("prepare", "service"),
        ("prepare", "highest"),
        ("restart", "state"),
        ("restart", "highest"),
        ("became", "state"),
        ("became", "boot_id"),
        ("became", "highest"),
    ],
)
def test_an_answer_without_what_it_is_for_is_none(
    do: str, missing: str
) -> None:
    read, whole = READERS[do]
    less = {key: value for key, value in whole.items() if key != missing}

    with pytest.raises(CannotReach):
        read(less)


@given(error=JSON, highest=JSON)
def test_whatever_is_called_an_error_is_no_answer(
    error: object, highest: object
) -> None:
    body = {"v": 1, "id": "1", "error": error, "highest": highest, **DONE}

    refused = refusal({**body, "error": error, "highest": highest}, WHERE)

    if error is None:
        assert refused is None
    else:
        assert isinstance(refused, CannotReach | HandRefused)
        assert str(refused).startswith("cannot")
