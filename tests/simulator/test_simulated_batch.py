"""The batch canary on the simulated backend, in front of a simulated host."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest_asyncio

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.canary_files.url import UrlFiles
from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.storycanvas import StoryCanvas, Vantage
from monitor.adapters.http.client import HttpClient
from monitor.adapters.images import PillowImages
from monitor.domain.canary.batch import job_for
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.batch import BatchProbe
from monitor.simulator.backend import CHARACTER, SimulatedBackend
from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import SECONDS

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.batch")
PLAN = CanaryPlan(
    canary="batch",
    operation=Operation.BATCH,
    timeout=10,
    verifiable=False,
    parts=(
        Part(operation=Operation.ENHANCE, model="gfpgan_1.4"),
        Part(operation=Operation.AGE, target_age=70),
    ),
)


class _Client(HttpClient):
    """A client that can be closed by a block."""

    async def aclose(self) -> None:
        await self.close()


@pytest_asyncio.fixture
async def backend(studio: SimulatedHost) -> AsyncIterator[SimulatedBackend]:
    async with SimulatedBackend(studio.url) as backend:
        yield backend


async def look(
    backend: SimulatedBackend,
    host: SimulatedHost,
    plan: CanaryPlan = PLAN,
    *,
    character: str = CHARACTER,
) -> Observation:
    clock, images = SystemClock(), PillowImages()
    async with aclosing(_Client(backend.url)) as http:
        probe = BatchProbe(
            key=KEY,
            plan=plan,
            job=job_for(
                plan, character_id=character, image_url=backend.image_url
            ),
            backend=StoryCanvas(backend.url, http, Vantage()),
            files=[
                UrlFiles(
                    MemoryShelf(clock),
                    public_url="http://us",
                    http=http,
                    server_url=url,
                )
                for url in (backend.url, host.url)
            ],
            images=images,
            clock=clock,
        )
        seen = await probe.look()
    images.close()
    return seen


def reading(seen: Observation) -> CanaryReading:
    assert isinstance(seen.reading, CanaryReading)
    return seen.reading


async def test_a_batch_is_done_timed_and_its_outputs_compared(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    run = reading(await look(backend, studio))

    assert (run.result, run.output_valid) == (Result.OK, True)
    assert run.duration is not None
    assert 2 * SECONDS <= run.duration < 5


async def test_a_server_that_fails_every_part_is_degraded(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("null_result")

    seen = await look(backend, studio)

    assert seen.health is Health.DEGRADED
    assert seen.reason == "processing_failed"
    assert "2 of 2 operations failed: enhance gfpgan_1.4" in seen.because


async def test_a_server_that_changes_nothing_is_found_out(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("unchanged_image")

    seen = await look(backend, studio)

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "unchanged")


async def test_a_character_that_the_backend_does_not_know_is_our_mistake(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    seen = await look(backend, studio, character="nobody")

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "input_rejected")


async def test_a_server_that_is_down_is_not_up_through_the_backend(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("refused")

    seen = await look(backend, studio)

    assert seen.health is Health.DEGRADED


async def test_a_batch_that_never_ends_is_cut_off(
    backend: SimulatedBackend, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("hang")

    seen = await look(backend, studio, replace(PLAN, timeout=0.5))

    assert reading(seen).result is Result.TIMEOUT
    assert seen.health is Health.DEGRADED
