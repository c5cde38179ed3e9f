"""A GPU is gone, its driver hangs, or a process cannot use it any more."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.simulator.images.work import enhance
from tests.machines.host import DIRECTORY, SystemdHost
from tests.stories.daemon import Scrape
from tests.stories.diagnoses import Named, Story, story_of
from tests.stories.machine_town import watched

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(180),
]
KNOWN_WITHIN = 20.0
"""Seconds on a slow test machine; 3 to 6 on an idle one."""
WEDGED_WITHIN = 75.0
"""A look that hangs is given 20 s before its driver is called wedged."""
JOBS_WITHIN = 60.0
"""A canary runs every 5 s, and three that fail make an opinion."""
LOST = Named("gpu_lost", "unhealthy", "critical", ("reboot",))
WEDGED = Named("gpu_wedged", "unhealthy", "critical", ("reboot",))
SUSPECTED = Named("cuda_fault", "degraded", "warning", ("restart",))
"""The line in its log alone, until the canary's opinion is formed."""
FAULT = Named("cuda_fault", "unhealthy", "critical", ("restart",))
DOWN = Named("process_down", "unhealthy", "critical", ("restart",))
CUDA = "CUDA failure 700: an illegal memory access was encountered"
PORTRAIT = Path("monitor/portraits/astronaut_512.jpg")
CANARY = {
    "operation": "enhance",
    "interval": "5s",
    "timeout": "4s",
    "benchmark": {"low": "1ms", "high": "4s"},
}


@pytest.fixture
def worker() -> Iterator[SystemdHost]:
    """One that does a canary's job, and has nothing else to do.

    Of its own: an error shortly before a start counts after it too.
    """
    with SystemdHost() as host:
        _furnish(host)
        yield host


def _furnish(machine: SystemdHost) -> None:
    made = enhance(PORTRAIT.read_bytes(), model="gfpgan_1.4", blend=1.0)
    machine.path(f"{DIRECTORY}/.stand-in/output").write_bytes(made)
    machine.run("install -d -o ffmon -m 755 /var/tmp/facefusion-monitor")
    machine.nvidia_smi.set(idle=True)


@pytest_asyncio.fixture
async def workshop(
    worker: SystemdHost, tmp_path: Path
) -> AsyncIterator[Story]:
    """A server with a canary that has succeeded."""
    more = {"start_grace": "10s", "canaries": [CANARY]}
    async with (
        watched(worker, tmp_path, more=more) as daemon,
        story_of(worker, daemon) as story,
    ):
        await daemon.until(_works, within=45)
        story.begins()
        yield story


def _works(scrape: Scrape) -> bool:
    name = "facefusion_canary_success"
    return scrape.value(name, target="studio", operation="enhance") == 1


async def test_a_lost_gpu_is_the_cause(studio: Story) -> None:
    studio.host.nvidia_smi.lose_gpu(0)

    await studio.tells(LOST, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(LOST)


async def test_a_driver_that_hangs_is_wedged(studio: Story) -> None:
    studio.host.nvidia_smi.freeze()

    await studio.tells(WEDGED, within=WEDGED_WITHIN)
    await studio.heals()

    studio.only(WEDGED)


async def test_a_cuda_error_with_jobs_that_fail_is_a_fault_of_it(
    workshop: Story,
) -> None:
    workshop.mischief.break_cuda(CUDA)

    await workshop.tells(FAULT, within=JOBS_WITHIN)
    await workshop.heals()
    await workshop.daemon.until(_works, within=JOBS_WITHIN)

    workshop.only(SUSPECTED, FAULT)


async def test_a_canary_says_nothing_beside_a_killed_server(
    workshop: Story,
) -> None:
    workshop.host.kill_facefusion()
    await workshop.tells(DOWN, within=KNOWN_WITHIN)
    await workshop.daemon.until(_fails, within=JOBS_WITHIN)

    await workshop.heals()
    await workshop.daemon.until(_works, within=JOBS_WITHIN)

    workshop.only(DOWN)


def _fails(scrape: Scrape) -> bool:
    name = "facefusion_canary_success"
    return scrape.value(name, target="studio", operation="enhance") == 0
