"""Two faults at once: the deeper one is named, and only one page goes out."""

import pytest

from tests.machines.host import PORT
from tests.stories.diagnoses import Named, Story
from tests.stories.machine_town import looks

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(180),
]
KNOWN_WITHIN = 20.0
"""Seconds on a slow test machine; 3 to 6 on an idle one."""
GONE_WITHIN = 60.0
"""SSH takes its time to give up."""
DOWN = Named("process_down", "unhealthy", "critical", ("restart",))
FULL = Named("disk_full", "unhealthy", "critical")
LOST = Named("gpu_lost", "unhealthy", "critical", ("reboot",))
UNREACHABLE = Named("host_unreachable", "unhealthy", "critical")
BLOCKED = Named("network_blocked", "unhealthy", "critical")
NO_WAY_IN = Named("ssh_unavailable", "degraded", "warning")


async def test_one_that_is_killed_on_a_full_disk_would_fail_again(
    studio: Story,
) -> None:
    studio.host.fill_disk()
    studio.host.kill_facefusion()

    await studio.tells(FULL, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(FULL)


async def test_one_that_is_killed_beside_a_lost_gpu_is_not_restarted(
    studio: Story,
) -> None:
    studio.host.nvidia_smi.lose_gpu(0)
    await studio.tells(LOST, within=KNOWN_WITHIN)
    studio.host.kill_facefusion()

    await studio.daemon.until(looks({"process": 0}, {}), within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(LOST)


async def test_a_machine_that_goes_takes_its_lost_gpu_along(
    studio: Story,
) -> None:
    studio.host.nvidia_smi.lose_gpu(0)
    await studio.tells(LOST, within=KNOWN_WITHIN)
    studio.host.link_down()

    await studio.tells(UNREACHABLE, within=GONE_WITHIN)
    await studio.heals()

    studio.only(LOST, UNREACHABLE)


async def test_one_that_is_killed_unseen_is_known_by_its_port(
    studio: Story,
) -> None:
    studio.mischief.stop_sshd()
    await studio.tells(NO_WAY_IN, within=KNOWN_WITHIN)
    studio.host.kill_facefusion()

    await studio.tells(DOWN, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(NO_WAY_IN, DOWN)


async def test_one_that_is_killed_behind_a_firewall_is_down(
    studio: Story,
) -> None:
    studio.host.firewall.drop(PORT)
    await studio.tells(BLOCKED, within=KNOWN_WITHIN)
    studio.host.kill_facefusion()

    await studio.tells(DOWN, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(BLOCKED, DOWN)
