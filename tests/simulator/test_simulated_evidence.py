"""What a fault leaves behind on the machine, as its gate tells it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from monitor.domain.joblog.kinds import classify
from monitor.simulator.host import SimulatedHost
from tests.simulator.gate_client import Body, GateClient, gate
from tests.simulator.visitor import Visitor

Row = tuple[str, float | None, str, str]
"""A fault, its number, the part that shows it, and a text in that."""
Ended = tuple[str, str, int]


@pytest_asyncio.fixture
async def client(
    studio: SimulatedHost, visitor: Visitor
) -> AsyncIterator[GateClient]:
    async with gate(visitor, studio) as line:
        yield line


@pytest.mark.parametrize(
    "row",
    [
        ("gpu_lost", None, "kernel", "(PCI:0000:41:00): 79, "),
        ("xid", 79, "kernel", "(PCI:0000:41:00): 79, "),
        ("xid", 119, "kernel", "(PCI:0000:01:00): 119, "),
        ("xid", 48, "kernel", "(PCI:0000:01:00): 48, "),
        ("oom_killed", None, "kernel", "Out of memory: Killed process "),
        ("oom_killed", None, "log", "Failed with result 'oom-kill'"),
        ("process_killed", None, "log", "Failed with result 'signal'"),
        ("refused", None, "log", "Failed with result 'exit-code'"),
        ("out_of_memory", None, "log", "Failed to allocate memory for"),
        ("disk_full", None, "log", "No space left on device"),
        ("log_error", 2, "log", "Failed to load library"),
        ("log_error", 3, "log", "deleting corrupt source for"),
        ("log_error", 4, "log", "ffmpeg is not installed"),
        ("log_error", 9, "log", "ffmpeg is not installed"),
    ],
)
async def test_a_fault_leaves_its_evidence(
    client: GateClient, studio: SimulatedHost, row: Row
) -> None:
    name, value, part, evidence = row
    before = (await client.observe(**{part: {}}))[part]

    studio.faults.switch_on(name, value)

    asked = {part: {"cursor": before["cursor"]}}
    new = (await client.observe(**asked))[part]
    lines = new["entries"] if part == "kernel" else new["lines"]
    assert any(evidence in line["text"] for line in lines)


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        ("refused", ("exit-code", "exited", 1)),
        ("process_killed", ("signal", "killed", 9)),
        ("oom_killed", ("oom-kill", "killed", 9)),
    ],
)
async def test_a_unit_says_how_its_process_ended(
    client: GateClient, studio: SimulatedHost, name: str, ended: Ended
) -> None:
    studio.faults.switch_on(name)

    seen = await client.observe(service={"manager": "systemd"})

    unit: Body = seen["service"]["unit"]
    assert (unit["active_state"], unit["sub_state"]) == ("failed", "failed")
    assert ended == (unit["result"], unit["exit_code"], unit["exit_status"])
    assert unit["main_pid"] is None


async def test_a_full_disk_is_facefusions_own_and_no_other(
    client: GateClient, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("disk_full")

    asked = {"paths": ["/", "/opt/facefusion", "/opt/facefusion/x", "/o"]}
    seen = await client.observe(disks=asked)

    free = {disk["path"]: disk["free"] for disk in seen["disks"]["disks"]}
    assert free["/opt/facefusion"] == free["/opt/facefusion/x"] == 0
    assert free["/"] == free["/o"] > 0


async def test_two_ends_are_one_and_the_last_heal_starts_it_anew(
    client: GateClient, studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("process_killed")
    studio.faults.switch_on("refused")
    studio.faults.switch_off("process_killed")
    dead = await client.observe(service={})
    studio.faults.switch_off("refused")
    alive = await client.observe(service={})

    assert dead["service"]["unit"]["result"] == "signal"
    assert len(alive["service"]["processes"]) == 1
    assert (await visitor.status(studio)).status_code == 200


@pytest.mark.parametrize("name", ["out_of_memory", "disk_full", "log_error"])
async def test_what_a_log_tells_is_healed_by_a_restart(
    client: GateClient, studio: SimulatedHost, name: str
) -> None:
    before = await client.observe(service={})
    studio.faults.switch_on(name)
    studio.faults.switch_off(name)
    after = await client.observe(service={}, log={})

    old, new = (seen["service"]["processes"][0] for seen in (before, after))
    assert new["pid"] != old["pid"]
    assert classify(after["log"]["lines"][-1]["text"]) == "server_started"
