"""The machine is gone, its disk is full, or we do not get onto it."""

import pytest

from tests.machines.host import PORT
from tests.stories.diagnoses import Named, Story

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
UNREACHABLE = Named("host_unreachable", "unhealthy", "critical")
BLOCKED = Named("network_blocked", "unhealthy", "critical")
FULL = Named("disk_full", "unhealthy", "critical")
NO_WAY_IN = Named("ssh_unavailable", "degraded", "warning")


async def test_a_machine_without_its_cable_is_unreachable(
    studio: Story,
) -> None:
    studio.host.link_down()

    await studio.tells(UNREACHABLE, within=GONE_WITHIN)
    await studio.heals()

    studio.only(UNREACHABLE)


async def test_a_machine_that_answers_nothing_is_unreachable(
    studio: Story,
) -> None:
    studio.host.firewall.drop_all()

    await studio.tells(UNREACHABLE, within=GONE_WITHIN)
    await studio.heals()

    studio.only(UNREACHABLE)


async def test_a_machine_that_answers_pings_alone_is_blocked(
    studio: Story,
) -> None:
    studio.host.firewall.drop(22, PORT)

    await studio.tells(BLOCKED, within=GONE_WITHIN)
    await studio.heals()

    studio.only(BLOCKED)


async def test_a_full_disk_is_the_cause(studio: Story) -> None:
    studio.host.fill_disk()

    await studio.tells(FULL, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(FULL)


async def test_a_key_that_is_refused_is_no_fault_of_the_server(
    studio: Story,
) -> None:
    studio.mischief.refuse_key()

    await studio.tells(NO_WAY_IN, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(NO_WAY_IN)


async def test_nor_is_an_sshd_that_is_gone(studio: Story) -> None:
    studio.mischief.stop_sshd()

    await studio.tells(NO_WAY_IN, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(NO_WAY_IN)
