"""Nobody gets an answer: a wrong port, a firewall, or a server that hangs."""

from pathlib import Path

import pytest

from tests.machines.host import PORT, SystemdHost
from tests.stories.diagnoses import Named, Story, story_of
from tests.stories.machine_town import watched

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(150),
]
KNOWN_WITHIN = 20.0
"""Seconds on a slow test machine; 3 to 6 on an idle one."""
HUNG_WITHIN = 45.0
"""Three looks that see no work come first."""
LOOPBACK = Named("bound_to_loopback", "unhealthy", "critical")
DRIFTED = Named("port_drift", "unhealthy", "critical", ("restart",))
BLOCKED = Named("network_blocked", "unhealthy", "critical")
HUNG = Named("hung", "unhealthy", "critical", ("restart",))
BUSY = Named("busy", "degraded", "info")


async def test_one_that_listens_to_itself_is_bound_to_loopback(
    studio: Story,
) -> None:
    studio.mischief.set(GRADIO_SERVER_NAME="127.0.0.1")

    await studio.tells(LOOPBACK, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(LOOPBACK)


async def test_one_whose_port_was_taken_has_drifted(
    machine: SystemdHost, tmp_path: Path
) -> None:
    # Only its own user sees which process listens where.
    async with (
        watched(machine, tmp_path, user="faceops") as daemon,
        story_of(machine, daemon) as studio,
    ):
        studio.mischief.take_port(PORT)

        await studio.tells(DRIFTED, within=KNOWN_WITHIN)
        await studio.heals()

        studio.only(DRIFTED)


@pytest.mark.parametrize("how", ["drop", "reject", "forbid"])
async def test_a_firewall_before_a_server_that_listens_blocks_the_way(
    studio: Story, how: str
) -> None:
    getattr(studio.host.firewall, how)(PORT)

    await studio.tells(BLOCKED, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(BLOCKED)


async def test_one_that_was_suspended_hangs(studio: Story) -> None:
    studio.mischief.suspend()

    await studio.tells(HUNG, within=HUNG_WITHIN)
    await studio.heals()

    studio.only(HUNG)


async def test_one_that_accepts_and_does_nothing_hangs(studio: Story) -> None:
    studio.host.turn(hang=True)

    await studio.tells(HUNG, within=HUNG_WITHIN)
    await studio.heals()

    studio.only(HUNG)


async def test_one_that_works_too_hard_to_answer_is_busy(
    studio: Story,
) -> None:
    studio.host.turn(hang=True, busy=True)

    await studio.tells(BUSY, within=HUNG_WITHIN)
    await studio.heals()

    studio.only(BUSY)
