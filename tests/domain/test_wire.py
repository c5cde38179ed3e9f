"""Fields of a stranger's JSON are what they should be, or named."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.wire import WHOLE_LIMIT, Part
from tests.domain.any_json import JSON


def part(**fields: object) -> Part:
    return Part(fields, "machine")


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(Unreadable) as caught:
        read()
    return str(caught.value)


def test_fields_of_the_right_type_are_read() -> None:
    given = part(a="x", b=3, c=1.5, d=True, e={"f": 1}, g=["h"], i=[1, 2.5])

    assert given.text("a") == "x"
    assert given.whole("b") == 3
    assert given.number("b") == 3.0
    assert given.number("c") == 1.5
    assert given.flag("d") is True
    assert given.part("e").whole("f") == 1
    assert given.maybe_texts("g") == ("h",)
    assert given.maybe_numbers("i") == (1.0, 2.5)
    assert given.items("g") == (("machine.g[0]", "h"),)


@pytest.mark.parametrize("fields", [{}, {"a": None}])
def test_absent_and_null_are_not_known(fields: dict[str, object]) -> None:
    given = Part(fields, "machine")

    assert not given.has("a")
    assert given.maybe_text("a") is None
    assert given.maybe_whole("a") is None
    assert given.maybe_number("a") is None
    assert given.maybe_flag("a") is None
    assert given.maybe_part("a") is None
    assert given.maybe_texts("a") is None
    assert given.maybe_numbers("a") is None


@pytest.mark.parametrize(
    "name", ["text", "whole", "number", "flag", "part", "items"]
)
def test_a_needed_field_that_is_absent_is_refused(name: str) -> None:
    given = part(b=1)

    said = refusal(lambda: getattr(given, name)("a"))

    assert said == "cannot read machine.a: it is missing"


@pytest.mark.parametrize(
    ("getter", "value", "words"),
    [
        ("maybe_text", 3, "it is a whole number, not a text"),
        ("maybe_text", ["x"], "it is a list, not a text"),
        ("maybe_whole", True, "it is true or false, not a whole number"),
        ("maybe_whole", 3.0, "it is a number, not a whole number"),
        ("maybe_whole", "3", "it is a text, not a whole number"),
        ("maybe_number", False, "it is true or false, not a number"),
        ("maybe_number", "1", "it is a text, not a number"),
        ("maybe_flag", 1, "it is a whole number, not true or false"),
        ("maybe_part", [], "it is a list, not an object"),
        ("maybe_texts", {}, "it is an object, not a list"),
        ("maybe_numbers", "12", "it is a text, not a list"),
        ("items", "12", "it is a text, not a list"),
        ("maybe_flag", 2j, "it is something else, not true or false"),
    ],
)
def test_another_type_is_refused_by_name(
    getter: str, value: object, words: str
) -> None:
    given = part(a=value)

    said = refusal(lambda: getattr(given, getter)("a"))

    assert said == f"cannot read machine.a: {words}"


@pytest.mark.parametrize(
    ("getter", "value"),
    [
        ("maybe_whole", -1),
        ("maybe_whole", WHOLE_LIMIT + 1),
        ("maybe_number", -0.5),
        ("maybe_number", math.nan),
        ("maybe_number", math.inf),
        ("maybe_number", -math.inf),
        ("maybe_number", 10**400),
    ],
)
def test_numbers_out_of_range_are_refused(getter: str, value: object) -> None:
    given = part(a=value)

    said = refusal(lambda: getattr(given, getter)("a"))

    assert said.startswith("cannot read machine.a: it is not between 0 and")


def test_the_ends_of_a_range_belong_to_it() -> None:
    given = part(least=1, most=65535)

    assert given.whole("least", least=1, most=65535) == 1
    assert given.whole("most", least=1, most=65535) == 65535
    assert given.number("least", least=1, most=1) == 1.0


def test_a_text_that_is_too_long_is_refused_or_cut_as_asked() -> None:
    given = part(a="x" * 9)

    assert given.text("a", limit=9) == "x" * 9
    assert given.text("a", limit=8, cut=True) == "x" * 8
    assert refusal(lambda: given.text("a", limit=8)) == (
        "cannot read machine.a: 9 characters are more than 8"
    )


def test_texts_that_no_output_can_hold_are_mended() -> None:
    given = part(a="half \ud83d and \x00 end", b=["\udc80"])

    assert given.text("a") == "half ? and ? end"
    assert given.maybe_texts("b") == ("?",)


def test_a_list_that_is_too_long_is_refused_or_cut_as_asked() -> None:
    given = part(a=["x", "y", "z"])

    assert given.maybe_texts("a", most=3) == ("x", "y", "z")
    assert given.maybe_texts("a", most=2, cut=True) == ("x", "y")
    assert given.items("a", most=1, cut=True) == (("machine.a[0]", "x"),)
    assert refusal(lambda: given.items("a", most=2)) == (
        "cannot read machine.a: 3 members are more than 2"
    )


def test_a_wrong_member_of_a_list_is_named() -> None:
    given = part(a=["x", 4], b=[1, "y"])

    texts = refusal(lambda: given.maybe_texts("a"))
    numbers = refusal(lambda: given.maybe_numbers("b"))

    assert texts.startswith("cannot read machine.a[1]: it is a whole number")
    assert numbers.startswith("cannot read machine.b[1]: it is a text")


@pytest.mark.parametrize("given", [None, 3, "x", ["x"]])
def test_what_is_no_object_is_refused(given: object) -> None:
    named = refusal(lambda: Part(given, "disks"))
    nameless = refusal(lambda: Part(given, ""))

    assert named.startswith("cannot read disks: it is ")
    assert nameless.startswith("cannot read the answer: it is ")


def test_an_object_within_has_a_longer_name_and_may_get_another() -> None:
    inner = part(a={"b": 1}).part("a")

    assert inner.path("b") == "machine.a.b"
    assert inner.called("").path("b") == "b"
    assert inner.called("x").whole("b") == 1


def outcome(read: Callable[[str], object]) -> tuple[object, str]:
    try:
        return read("a"), ""
    except Unreadable as error:
        return None, str(error)


@given(st.dictionaries(st.sampled_from("ab"), JSON))
def test_any_json_is_read_or_refused_by_name(
    fields: dict[str, object],
) -> None:
    given = Part(fields, "p")
    getters: list[tuple[Callable[[str], object], type | tuple[type, ...]]] = [
        (given.maybe_text, str),
        (given.maybe_whole, int),
        (given.maybe_number, float),
        (given.maybe_flag, bool),
        (given.maybe_part, Part),
        (given.maybe_texts, tuple),
        (given.maybe_numbers, tuple),
    ]

    for read, kind in getters:
        found, refused = outcome(read)
        if refused:
            assert refused.startswith("cannot read p.a")
        else:
            assert found is None or isinstance(found, kind)


@given(st.floats() | st.integers())
def test_a_number_that_is_read_is_finite_and_not_negative(
    value: float,
) -> None:
    given = part(a=value)

    try:
        found = given.number("a")
    except Unreadable:
        assert not 0 <= value <= 1e15
    else:
        assert math.isfinite(found)
        assert found == value
