"""A reboot that does not help has failed, and says what is wrong.

The monitor is impatient: minutes are seconds (`hasty_daemon`).
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.machines.host import SystemdHost
from tests.stories.climbing import CLIMBS, HASTY, Climbing
from tests.stories.rescue import rescued

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def host() -> Iterator[SystemdHost]:
    with SystemdHost() as machine:
        yield machine


@pytest_asyncio.fixture
async def climbing(
    host: SystemdHost, tmp_path: Path
) -> AsyncIterator[Climbing]:
    async with rescued(
        host, tmp_path, recovery=CLIMBS, module=HASTY
    ) as rescue:
        yield Climbing(rescue)


def stays_away(host: SystemdHost) -> None:
    host.fate.stays_away()


def is_another_machine(host: SystemdHost) -> None:
    host.fate.changes_its_host_key()


def was_not_booted(host: SystemdHost) -> None:
    host.fate.keeps_its_boot_id(host.boot_id())


def lacks_its_gpu(host: SystemdHost) -> None:
    """It stays as it is: the reboot does not bring the card back."""
    host.nvidia_smi.after_next_boot(lost=[0], code=15)


@pytest.mark.parametrize(
    ("comes_to", "words"),
    [
        (stays_away, "it stays away: not back within"),
        (is_another_machine, "another host key answers"),
        (was_not_booted, "back with the boot id that it had"),
        (lacks_its_gpu, "GPUs are missing: 1 of 2 GPUs are there"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_reboot_that_does_not_help_says_what_is_wrong(
    climbing: Climbing, comes_to: Callable[[SystemdHost], None], words: str
) -> None:
    rescue, host = climbing.rescue, climbing.rescue.host
    host.nvidia_smi.lose_gpu(0)
    comes_to(host)
    await rescue.is_diagnosed("gpu_lost")
    plan = await rescue.plans(action="reboot")

    change = await climbing.reboots(plan["id"])
    told = await rescue.ends(change, within=80)

    assert told["outcome"] == "failed", str(told)
    assert words in str(told), str(told)
    await rescue.audit_is_whole()
