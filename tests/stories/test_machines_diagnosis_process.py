"""FaceFusion ends, starts, or is stopped: each is told from the others."""

from pathlib import Path

import pytest

from tests.machines.host import SystemdHost
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
DOWN = Named("process_down", "unhealthy", "critical", ("restart",))
OUT_OF_MEMORY = Named("oom_killed", "unhealthy", "critical", ("restart",))
STOPPED = Named("stopped_by_operator", "unhealthy", "warning")
LOOP = Named("crash_loop", "unhealthy", "critical")
DEAF = Named("not_listening", "unhealthy", "critical", ("restart",))
STARTING = Named("starting", "degraded", "info")


async def test_a_killed_server_is_down(studio: Story) -> None:
    studio.host.kill_facefusion()

    await studio.tells(DOWN, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(DOWN)


async def test_one_that_the_kernel_killed_was_out_of_memory(
    tmp_path: Path,
) -> None:
    # What is killed next would count as out of memory for two minutes.
    with SystemdHost() as host:
        async with (
            watched(host, tmp_path) as daemon,
            story_of(host, daemon) as studio,
        ):
            studio.mischief.kill_for_memory()

            await studio.tells(OUT_OF_MEMORY, within=KNOWN_WITHIN)
            await studio.heals(host=0)

            studio.only(OUT_OF_MEMORY)


async def test_one_that_was_stopped_was_meant_to_be(studio: Story) -> None:
    studio.host.systemctl("stop")

    await studio.tells(STOPPED, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(STOPPED)


async def test_one_that_ends_after_each_start_is_in_a_loop(
    studio: Story,
) -> None:
    studio.mischief.restart_always()
    studio.host.turn(exit=1)
    studio.host.kill_facefusion()

    await studio.tells(LOOP, within=KNOWN_WITHIN)
    studio.mischief.undo()

    # It may be over two minutes later: nobody waits for that here.
    studio.only(LOOP)


async def test_one_that_lives_without_a_port_does_not_listen(
    studio: Story,
) -> None:
    studio.host.turn(deaf=True)

    await studio.tells(DEAF, within=KNOWN_WITHIN)
    await studio.heals()

    studio.only(DEAF)


async def test_a_planned_restart_is_only_starting(studio: Story) -> None:
    studio.host.turn(start_seconds=4)
    studio.mischief.restart()

    await studio.tells(STARTING, within=KNOWN_WITHIN)
    await studio.is_well()

    studio.only()
