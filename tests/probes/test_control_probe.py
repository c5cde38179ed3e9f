"""One look at the control addresses."""

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.control import ControlProbe
from tests.fakes.clock import FakeClock
from tests.fakes.net import FakeNet

KEY = CheckKey(kind=Kind.MONITOR, subject="monitor", check="control")
SILENT = CannotReach("cannot reach it", reason="timeout")
REFUSED = CannotReach("cannot reach it", reason="refused")


def probe_of(net: FakeNet) -> ControlProbe:
    addresses = [("192.168.1.1", 53), ("fe80::1", 443)]
    return ControlProbe(KEY, addresses, net, net.clock, within=2.0)


async def test_any_answer_means_that_we_can_see() -> None:
    net = FakeNet(FakeClock(now=1000.0), tcp_is=SILENT)
    net.tcp_at[443] = REFUSED

    seen = await probe_of(net).look()

    assert (seen.key, seen.probe, seen.at) == (KEY, "control", 1000.0)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert seen.because == "1 of 2 control addresses answer"
    assert net.asked == [
        ("tcp", "192.168.1.1", 53, 2.0),
        ("tcp", "fe80::1", 443, 2.0),
    ]


async def test_no_answer_at_all_means_that_we_are_blind() -> None:
    seen = await probe_of(FakeNet(tcp_is=SILENT)).look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "blind")
    assert "(192.168.1.1:53: timeout; [fe80::1]:443: timeout)" in seen.because


async def test_all_are_asked_at_the_same_time() -> None:
    net = FakeNet(tcp_is=SILENT)
    net.seconds = 2.0

    seen = await probe_of(net).look()

    assert net.at_once == 2
    assert seen.duration == 2.0
