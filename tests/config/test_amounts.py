"""Percentages and budgets are read, refused, and written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.values.amount import (
    Budget,
    parse_budget,
    parse_percent,
    percent_text,
)
from monitor.config.values.gpus import parse_gpus
from monitor.config.values.path import parse_directory, parse_server_path
from monitor.config.values.refusal import Refused


@given(st.integers(1, 10_000))
def test_a_percentage_is_written_and_read_back(hundredths: int) -> None:
    text = f"{hundredths / 100:.2f}%"

    assert parse_percent(percent_text(parse_percent(text))) == pytest.approx(
        hundredths / 10_000
    )


@given(st.integers(1, 9999), st.integers(1, 100_000))
def test_a_budget_is_written_and_read_back(times: int, seconds: int) -> None:
    budget = Budget(times=times, per=float(seconds))

    assert parse_budget(str(budget)) == budget
    assert parse_budget(budget) is budget


@given(st.text() | st.integers() | st.none())
def test_any_budget_is_read_or_refused(value: object) -> None:
    try:
        budget = parse_budget(value)
    except Refused:
        return
    assert budget.times > 0
    assert budget.per > 0


@given(
    st.text() | st.lists(st.integers() | st.text() | st.booleans(), max_size=5)
)
def test_any_gpus_are_read_or_refused(value: object) -> None:
    try:
        gpus = parse_gpus(value)
    except Refused:
        return
    assert gpus == "all" or isinstance(gpus, tuple)


def test_gpus_are_named_as_nvidia_smi_does() -> None:
    uuid = "GPU-b9f3e1c2-0000-1111-2222-333344445555"

    assert parse_gpus([0, "1", uuid]) == (0, 1, uuid)


@given(st.text(alphabet="/.a\0\n", max_size=12))
def test_a_directory_never_leads_up_or_to_the_root(text: str) -> None:
    try:
        path = parse_directory(text)
    except Refused:
        return
    assert isinstance(path, str)
    assert path.startswith("/")
    assert path != "/"
    assert ".." not in path.split("/")
    assert "//" not in path


def test_paths_lose_what_means_nothing() -> None:
    assert parse_server_path("//srv///a/") == "/srv/a"
    assert parse_server_path("/") == "/"
    with pytest.raises(Refused):
        parse_server_path("/" + "a" * 5000)
