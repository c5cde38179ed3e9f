"""The switchboard itself."""

import pytest

from monitor.simulator.faults import (
    FAULTS,
    Faults,
    InvalidFaultValue,
    UnknownFault,
)


class Heard:
    """Remembers what changed."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.faults = Faults(self.names.append)


def test_a_fault_is_off_until_it_is_switched_on() -> None:
    heard = Heard()

    heard.faults.switch_on("hang")

    assert heard.faults.is_on("hang")
    assert heard.faults.active() == {"hang": None}
    assert not Faults(lambda _: None).is_on("hang")


def test_each_change_is_heard_once() -> None:
    heard = Heard()

    for _ in range(2):
        heard.faults.switch_on("hang")
    for _ in range(2):
        heard.faults.switch_off("hang")

    assert heard.names == ["hang", "hang"]


def test_another_number_is_a_change_and_the_same_is_none() -> None:
    heard = Heard()

    for number in (31, 31, 79):
        heard.faults.switch_on("xid", number)

    assert heard.names == ["xid", "xid"]


def test_a_fault_that_takes_a_number_has_one_of_its_own() -> None:
    heard = Heard()

    before = heard.faults.value("slow", 1.0)
    heard.faults.switch_on("slow")
    usual = heard.faults.value("slow", 1.0)
    heard.faults.switch_on("slow", 10)

    assert (before, usual) == (1.0, 4.0)
    assert heard.faults.active() == {"slow": 10}


def test_a_hyphen_is_as_good_as_an_underscore() -> None:
    heard = Heard()

    heard.faults.switch_on("error-500")

    assert heard.faults.is_on("error_500")


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    heard = Heard()

    with pytest.raises(UnknownFault, match=r"cannot find .*refused, hang"):
        heard.faults.switch_on("flood")
    with pytest.raises(UnknownFault):
        heard.faults.switch_off("flood")

    assert heard.names == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hang", 1.0),
        ("slow", -1.0),
        ("slow", float("nan")),
        ("slow", float("inf")),
    ],
)
def test_a_number_that_does_not_fit_is_refused(
    name: str, value: float
) -> None:
    heard = Heard()

    with pytest.raises(InvalidFaultValue, match="cannot give"):
        heard.faults.switch_on(name, value)

    assert heard.faults.active() == {}


def test_every_fault_explains_itself() -> None:
    for fault in FAULTS.values():
        assert fault.description
        assert bool(fault.takes) == (fault.value is not None)
