"""One look at the way to a server."""

from monitor.domain.certificate import DAY, Certificate
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.network import NetworkProbe, Way
from tests.fakes.clock import FakeClock
from tests.fakes.net import FakeNet

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="network")
NOW = 1_800_000_000.0
HTTP = Way(host="gpu1", port=9002, tls=False)
HTTPS = Way(host="gpu1", port=443, tls=True)


def certificate(left: float) -> Certificate:
    return Certificate(
        not_before=NOW - 90 * DAY, not_after=NOW + left, names=("gpu1",)
    )


def probe_of(net: FakeNet, way: Way, within: float = 5.0) -> NetworkProbe:
    return NetworkProbe(KEY, way, net, net.clock, within=within)


async def test_an_http_server_is_connected_to_and_pinged() -> None:
    net = FakeNet(FakeClock(now=NOW))

    seen = await probe_of(net, HTTP).look()

    assert (seen.key, seen.probe, seen.at) == (KEY, "network", NOW)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert seen.reading == NetworkReading(
        tcp_round_trip=0.0004, ping_round_trip=0.0002, ping_loss=0.0
    )
    assert sorted(net.asked) == [
        ("ping", "gpu1", 3, 2.0),
        ("tcp", "gpu1", 9002, 5.0),
    ]


async def test_an_https_server_shows_its_certificate_too() -> None:
    net = FakeNet(FakeClock(now=NOW), certificate_is=certificate(60 * DAY))

    seen = await probe_of(net, HTTPS).look()

    assert seen.health is Health.HEALTHY
    assert isinstance(seen.reading, NetworkReading)
    assert seen.reading.certificate == net.certificate_is
    assert ("certificate", "gpu1", 443, 5.0) in net.asked


async def test_the_certificate_is_judged_by_the_clock_that_is_handed_in() -> (
    None
):
    net = FakeNet(FakeClock(now=NOW), certificate_is=certificate(20 * DAY))
    probe = probe_of(net, HTTPS)

    first = await probe.look()
    net.clock.pass_time(7 * DAY)
    later = await probe.look()
    net.clock.pass_time(14 * DAY)
    last = await probe.look()

    assert [one.reason for one in (first, later, last)] == [
        "",
        "tls_expiring",
        "tls_expired",
    ]
    assert [one.health for one in (first, later, last)] == [
        Health.HEALTHY,
        Health.DEGRADED,
        Health.UNHEALTHY,
    ]


async def test_everything_is_looked_at_at_the_same_time() -> None:
    net = FakeNet(FakeClock(now=NOW), certificate_is=certificate(60 * DAY))
    net.seconds = 1.5

    seen = await probe_of(net, HTTPS).look()

    assert net.at_once == 3
    assert seen.duration == 1.5


async def test_a_short_timeout_is_the_ping_s_too() -> None:
    net = FakeNet()

    await probe_of(net, HTTP, within=1.0).look()

    assert ("ping", "gpu1", 3, 1.0) in net.asked


async def test_what_fails_does_not_hide_the_rest() -> None:
    refused = CannotReach("cannot reach gpu1:443: no", reason="refused")
    net = FakeNet(FakeClock(now=NOW), tcp_is=refused, certificate_is=refused)

    seen = await probe_of(net, HTTPS).look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "refused")
    assert seen.reading == NetworkReading(
        ping_round_trip=0.0002, ping_loss=0.0
    )


async def test_a_ping_that_may_not_be_sent_is_no_failure() -> None:
    forbidden = CannotReach("cannot ping gpu1: not us", reason="forbidden")
    net = FakeNet(ping_is=forbidden)

    seen = await probe_of(net, HTTP).look()

    assert seen.succeeded
    assert "no ping: cannot ping gpu1: not us" in seen.because
