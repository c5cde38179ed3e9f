"""Settings, wired as in the daemon, looking at simulated servers."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from monitor.adapters.clock import SystemClock
from monitor.adapters.http.client import HttpClient
from monitor.adapters.net.system import SystemNet
from monitor.config import Settings
from monitor.config.sections.targets import Target
from monitor.daemon import backends, networks
from monitor.domain.canary import answer as canary_answer
from monitor.domain.canary.job import Enhance
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.check import Check
from monitor.probes.status import StatusProbe
from monitor.simulator.backend import CHARACTER, SimulatedBackend
from monitor.simulator.host import SimulatedHost
from tests.servers.manners import free_port

PAGE = "http://storycanvas.example"
HTTPS_PAGE = "https://storycanvas.example"
CLOCK = SystemClock()


@pytest_asyncio.fixture
async def backend() -> AsyncIterator[SimulatedBackend]:
    async with SimulatedBackend(f"http://127.0.0.1:{free_port()}") as backend:
        yield backend


def target(url: str, **settings: object) -> Target:
    return Target.model_validate({"name": "studio", "url": url, **settings})


def through(watched: Target) -> Check:
    way = backends.second_way(watched, HttpClient())
    (check,) = backends.checks(watched, way, CLOCK)
    return check


async def browse(watched: Target) -> Observation:
    (check,) = networks.browser_checks(watched, CLOCK, HttpClient())
    return await check.probe.look()


@pytest.mark.parametrize("api", ["auto", "legacy", "v1"])
async def test_the_backend_is_asked_for_this_server_and_no_other(
    studio: SimulatedHost, backend: SimulatedBackend, api: str
) -> None:
    settings = {"url": backend.url, "api": api}
    check = through(target(studio.url, backend=settings))

    well = await check.probe.look()
    studio.faults.switch_on("error_500")
    broken = await check.probe.look()

    assert well.health is Health.HEALTHY
    assert (broken.health, broken.reason) == (Health.DEGRADED, "offline")


async def test_a_target_that_is_a_backend_has_status_and_jobs(
    studio: SimulatedHost,
) -> None:
    async with SimulatedBackend(studio.url) as backend:
        server = backends.facefusion(
            target(
                backend.url,
                dialect="storycanvas",
                backend={"url": backend.url, "character_id": CHARACTER},
            ),
            HttpClient(),
        )
        key = CheckKey(kind=Kind.TARGET, subject="studio", check="status")
        probe = StatusProbe(key, server, CLOCK, within=5)
        up = await probe.look()
        done = await server.run(
            Enhance(source_path=backend.image_url), within=10
        )
        studio.faults.switch_on("refused")
        down = await probe.look()

    assert up.health is Health.HEALTHY
    assert isinstance(canary_answer.read(done), str)
    assert (down.health, down.reason) == (Health.UNHEALTHY, "reports_trouble")


async def test_the_way_to_a_server_is_open_or_refused(
    studio: SimulatedHost,
) -> None:
    check = networks.network_check(target(studio.url), CLOCK, SystemNet())

    well = await check.probe.look()
    studio.faults.switch_on("refused")
    shut = await check.probe.look()

    assert (well.health, well.reason) == (Health.HEALTHY, "")
    assert (shut.health, shut.reason) == (Health.UNHEALTHY, "refused")


async def test_a_hung_server_s_network_is_well(studio: SimulatedHost) -> None:
    check = networks.network_check(target(studio.url), CLOCK, SystemNet())
    studio.faults.switch_on("hang")

    assert (await check.probe.look()).health is Health.HEALTHY


async def test_a_page_may_call_until_the_server_gives_no_leave(
    studio: SimulatedHost,
) -> None:
    watched = target(studio.url, browser={"origin": PAGE})

    well = await browse(watched)
    studio.faults.switch_on("cors")
    blocked = await browse(watched)

    assert (well.health, well.reason) == (Health.HEALTHY, "")
    assert (blocked.health, blocked.reason) == (
        Health.DEGRADED,
        "cors_blocked",
    )


async def test_loopback_is_no_mixed_content(studio: SimulatedHost) -> None:
    watched = target(studio.url, browser={"origin": HTTPS_PAGE})

    assert (await browse(watched)).health is Health.HEALTHY


async def test_a_refusal_at_a_control_address_is_an_answer(
    studio: SimulatedHost,
) -> None:
    place = studio.url.removeprefix("http://")
    settings = Settings.model_validate({"control_addresses": [place]})
    check = networks.control_check(settings, CLOCK, SystemNet())
    assert check is not None

    well = await check.probe.look()
    studio.faults.switch_on("refused")
    refused = await check.probe.look()

    assert well.health is refused.health is Health.HEALTHY
