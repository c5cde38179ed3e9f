"""While a change is under way its server's canaries wait."""

from contextlib import suppress

from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check, Held, never_held
from monitor.engine.recovery.holding import BECAUSE, Holding
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of


def check(target: str, kind: str = "canary") -> Check:
    key = CheckKey(kind=Kind.TARGET, subject=target, check=f"{kind}.face")
    return check_of(FakeProbe(FakeClock(), key), kind=kind)


def test_only_canaries_of_that_server_are_held() -> None:
    holding = Holding()
    held = holding.before(never_held)

    with holding.hold("studio"):
        assert held(check("studio")) == Held(reason="change", because=BECAUSE)
        assert held(check("studio", "status")) is None
        assert held(check("attic")) is None


def test_others_may_hold_as_before() -> None:
    busy = Held(reason="busy", because="the server is busy")

    held = Holding().before(lambda _: busy)

    assert held(check("studio")) == busy


def test_a_server_is_held_until_its_last_change_is_over() -> None:
    holding = Holding()

    with holding.hold("studio"):
        with holding.hold("studio"):
            assert holding.held("attic") == ""
        assert holding.held("studio") == BECAUSE

    assert holding.held("studio") == ""
    assert holding.before(never_held)(check("studio")) is None


def test_nothing_stays_held_when_a_change_breaks() -> None:
    holding = Holding()

    with suppress(RuntimeError), holding.hold("studio"):
        raise RuntimeError

    assert holding.held("studio") == ""
