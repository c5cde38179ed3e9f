"""Settings become looks at the network, at browsers and at ourselves."""

import pytest

from monitor.config import Settings
from monitor.config.sections.targets import Target
from monitor.daemon.networks import (
    browser_checks,
    control_check,
    network_check,
    way_to,
)
from monitor.domain.health import Health
from monitor.domain.judgement import Patience
from monitor.domain.network import NetworkReading
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.network import Way
from tests.fakes.clock import FakeClock
from tests.fakes.net import FakeNet
from tests.fakes.preflight import FakePreflight

URL = "http://127.0.0.1:9002"
PAGE = "http://storycanvas.example"


def target(**settings: object) -> Target:
    return Target.model_validate({"name": "studio", "url": URL, **settings})


async def test_every_target_s_network_is_looked_at() -> None:
    net = FakeNet()
    watched = target(
        status={"interval": "10s", "timeout": "3s", "failures": 2}
    )

    check = network_check(watched, net.clock, net)
    seen = await check.probe.look()

    assert check.key == CheckKey(
        kind=Kind.TARGET, subject="studio", check="network"
    )
    assert (check.kind, check.interval, check.timeout) == ("network", 10, 3)
    assert check.timeout < check.deadline <= check.timeout + 5
    assert check.patience == Patience(failures=2)
    assert seen.key == check.key
    assert isinstance(seen.reading, NetworkReading)
    assert ("tcp", "127.0.0.1", 9002, 3.0) in net.asked


@pytest.mark.parametrize(
    ("url", "way"),
    [
        (URL, Way(host="127.0.0.1", port=9002, tls=False)),
        ("http://gpu1/x", Way(host="gpu1", port=80, tls=False)),
        ("https://gpu1", Way(host="gpu1", port=443, tls=True)),
        ("https://[::1]:8443/a", Way(host="::1", port=8443, tls=True)),
    ],
)
def test_an_address_says_the_way(url: str, way: Way) -> None:
    assert way_to(url) == way


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        ("rest", "/api/v1/enhance-face"),
        ("auto", "/api/v1/enhance-face"),
        ("storycanvas", "/api/v1/facefusion/enhance-face"),
    ],
)
async def test_a_browser_would_post_a_job(dialect: str, path: str) -> None:
    http = FakePreflight(FakeClock(), {})
    watched = target(browser={"origin": PAGE}, dialect=dialect)

    (check,) = browser_checks(watched, http.clock, http)
    seen = await check.probe.look()

    assert (check.key.check, check.kind) == ("browser", "browser")
    assert (check.interval, check.timeout) == (30, 5)
    assert (seen.health, seen.reason) == (Health.DEGRADED, "cors_blocked")
    assert http.asked[0][0] == URL + path


@pytest.mark.parametrize(
    "settings",
    [{}, {"browser": {"origin": PAGE}, "dialect": "gradio"}],
    ids=["no page", "a page of its own"],
)
def test_without_a_page_there_is_no_such_check(
    settings: dict[str, object],
) -> None:
    http = FakePreflight(FakeClock(), {})

    assert list(browser_checks(target(**settings), http.clock, http)) == []


async def test_control_addresses_are_looked_at_together() -> None:
    net = FakeNet()
    settings = Settings.model_validate(
        {"control_addresses": ["192.168.1.1:53", "[::1]:443"]}
    )

    check = control_check(settings, net.clock, net)

    assert check is not None
    assert check.key == CheckKey(
        kind=Kind.MONITOR, subject="monitor", check="control"
    )
    assert check.kind == "control"
    assert check.timeout < check.deadline
    assert (await check.probe.look()).health is Health.HEALTHY
    assert [(host, port) for _, host, port, _ in net.asked] == [
        ("192.168.1.1", 53),
        ("::1", 443),
    ]


def test_blindness_is_known_before_a_server_is_called_down() -> None:
    settings = Settings.model_validate({"control_addresses": ["[::1]:443"]})
    net = FakeNet()

    check = control_check(settings, net.clock, net)

    assert check is not None
    server = network_check(target(), net.clock, net)
    assert _verdict_after(check.interval, check.patience) < _verdict_after(
        server.interval, server.patience
    )


def _verdict_after(interval: float, patience: Patience) -> float:
    return interval + (patience.failures - 1) * patience.confirm_interval


def test_without_control_addresses_there_is_no_such_check() -> None:
    net = FakeNet()

    assert control_check(Settings(), net.clock, net) is None
