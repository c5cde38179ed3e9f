"""A server is recovered on a real machine, by the mildest that helps."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.simulator.images.work import enhance
from tests.machines.host import DIRECTORY, SystemdHost
from tests.machines.neighbours import SCRIPT, Neighbours
from tests.stories.climbing import CLIMBS, HASTY, Climbing, rungs
from tests.stories.rescue import rescued

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(240),
]
CANARY = {
    "operation": "enhance",
    "interval": "5s",
    "timeout": "4s",
    "benchmark": {"low": "1ms", "high": "4s"},
}
PORTRAIT = Path("monitor/portraits/astronaut_512.jpg")


@pytest.fixture
def host() -> Iterator[SystemdHost]:
    with SystemdHost() as machine:
        machine.nvidia_smi.live()
        made = enhance(PORTRAIT.read_bytes(), model="gfpgan_1.4", blend=1.0)
        machine.path(f"{DIRECTORY}/.stand-in/output").write_bytes(made)
        machine.run("install -d -o ffmon -m 755 /var/tmp/facefusion-monitor")
        yield machine


@pytest.fixture
def neighbours(host: SystemdHost) -> Neighbours:
    return Neighbours(host)


@pytest_asyncio.fixture
async def climbing(
    host: SystemdHost, tmp_path: Path
) -> AsyncIterator[Climbing]:
    more = {"canaries": [CANARY]}
    async with rescued(
        host, tmp_path, recovery=CLIMBS, more=more, module=HASTY
    ) as rescue:
        yield Climbing(rescue)


async def test_one_that_is_down_or_hangs_is_restarted_without_a_hand(
    climbing: Climbing, neighbours: Neighbours
) -> None:
    rescue, host = climbing.rescue, climbing.rescue.host
    them = (neighbours.training(), neighbours.editor(), neighbours.tail())
    host.kill_facefusion()
    await rescue.is_diagnosed("process_down")
    down = await climbing.recovers()
    await rescue.is_diagnosed("none")
    host.turn(hang=host.facefusion_pid())
    await rescue.is_diagnosed("hung")

    hung = await climbing.recovers()

    assert [down["outcome"], hung["outcome"]] == ["succeeded"] * 2, str(hung)
    assert rungs(down) == rungs(hung) == [("restart", "succeeded")]
    assert rescue.starts() == 2
    assert neighbours.lives(*them)
    await rescue.audit_is_whole()


async def test_memory_that_a_stray_holds_is_freed_where_a_restart_fails(
    climbing: Climbing, neighbours: Neighbours
) -> None:
    """Its jobs need more than the stray leaves; a new process changes none."""
    rescue, host = climbing.rescue, climbing.rescue.host
    them = (
        neighbours.training(2000),
        neighbours.other_facefusion(1000),
        neighbours.editor(),
        neighbours.tail(),
        neighbours.shell(),
    )
    stray = neighbours.stray(16000, script=SCRIPT)
    host.turn(memory=1500, needs=8000)
    await rescue.is_diagnosed("gpu_memory_exhausted", within=90)

    told = await climbing.recovers(within=200)

    assert told["outcome"] == "succeeded", str(told)
    assert rungs(told) == [
        ("restart", "failed"),
        ("free-gpu-memory", "succeeded"),
    ]
    assert neighbours.lives(*them)
    assert not neighbours.lives(stray)
    assert sorted(neighbours.held().values()) == [1000, 1500, 2000]
    assert host.life.boots == 1
    await rescue.audit_is_whole()


async def test_a_lost_gpu_takes_a_reboot_that_another_person_approves(
    climbing: Climbing,
) -> None:
    rescue, host = climbing.rescue, climbing.rescue.host
    host.nvidia_smi.lose_gpu(0)
    host.nvidia_smi.after_next_boot(lost=[], code=0)
    before = host.boot_id()
    await rescue.is_diagnosed("gpu_lost")

    change = await climbing.begins()
    rung = await climbing.waits_for_people(change)
    alone = await rescue.ask("POST", f"plans/{rung['plan']}/approve", {})
    untyped = await rescue.ask("POST", f"plans/{rung['plan']}/apply", {})
    boots = host.life.boots
    await climbing.reboots(rung["plan"])
    told = await rescue.ends(change, within=120)

    assert (alone.status_code, untyped.status_code) == (403, 422)
    assert rung["confirm"] == "gpu1"
    assert boots == 1
    assert told["outcome"] == "succeeded", str(told)
    assert rungs(told) == [("reboot", "succeeded")]
    assert host.life.boots == 2
    assert host.boot_id() != before
    await rescue.audit_is_whole()
