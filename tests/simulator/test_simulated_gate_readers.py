"""What a simulated gate says is read without a gap, by our own client."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest_asyncio

from monitor.adapters.clock import SystemClock
from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.cuda.reader import read_cuda
from monitor.domain.cuda.verdict import judge_cuda
from monitor.domain.joblog.jobs import read_jobs
from monitor.domain.joblog.kinds import classify
from monitor.domain.joblog.part import read_log
from monitor.domain.kernel.lines import events
from monitor.domain.kernel.wire import read_kernel
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.reader import Through, read_machine
from monitor.domain.nvidia_smi.pmon import read_pmon
from monitor.domain.nvidia_smi.reader import read
from monitor.domain.service.asked import Asked
from monitor.domain.service.happening import read_happening
from monitor.domain.service.reader import read_service
from monitor.domain.wire import Part
from monitor.ports import GateAnswer
from monitor.simulator.faults import FAULTS
from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.world import DIRECTORY, UNIT
from tests.simulator.visitor import Visitor

CLOCK = SystemClock()


@pytest_asyncio.fixture
async def remote(
    studio: SimulatedHost, visitor: Visitor, tmp_path: Path
) -> AsyncIterator[RemoteGate]:
    """Our own client, as the daemon has it."""
    known = tmp_path / "known_hosts"
    known.write_text(f"{studio.host_key_line}\n")
    settings = SshSettings(
        address=studio.ssh_address,
        port=studio.ssh_port,
        user="ffmon",
        key_file=visitor.key,
        known_hosts_file=known,
    )
    host = SshHost("studio-gpu", settings, CLOCK)
    gate = RemoteGate(host, CLOCK)
    yield gate
    await gate.close()
    await host.close()


def _asked(host: SimulatedHost) -> Asked:
    return Asked(
        target="studio",
        manager="systemd",
        unit=UNIT,
        directory=DIRECTORY,
        port=int(host.url.rpartition(":")[2]),
        is_loopback=True,
        start_grace=60.0,
    )


def _told(answer: GateAnswer) -> Answered:
    return Answered(answer.body)


def _part(answer: GateAnswer, name: str) -> Part:
    parts = answer.body["parts"]
    assert isinstance(parts, dict)
    return Part(parts[name], name)


async def _observe(
    gate: RemoteGate, names: Iterable[str], asked: Asked
) -> GateAnswer:
    questions: dict[str, dict[str, object]] = {
        "disks": {"paths": ["/", DIRECTORY]},
        "service": asked.question,
        "cuda": asked.question,
        "jobs": {"directory": f"{DIRECTORY}/.jobs"},
    }
    parts = {name: questions.get(name, {}) for name in names}
    return await gate.observe(parts, within=8.0)


async def test_our_client_finds_an_installed_gate(remote: RemoteGate) -> None:
    hello = await remote.hello(within=5.0)

    assert (hello.way, await remote.way(within=5.0)) == ("installed",) * 2
    assert hello.version


async def test_the_machine_is_read_without_a_gap(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("nvidia_smi_hang")

    answer = await _observe(remote, ("machine", "disks"), _asked(studio))

    through = Through(at=CLOCK.now(), way=answer.way)
    disks = ("/", DIRECTORY)
    reading = read_machine(_told(answer), through, disks=disks)
    assert reading.gaps == ()
    assert abs(reading.clock_offset or 9) < 2
    assert [disk.path for disk in reading.disks] == list(disks)
    assert [one.state for one in reading.drivers or ()] == ["D"]
    assert len(reading.gpus_on_bus or ()) == 2
    assert None not in (
        reading.uptime,
        reading.boot_time,
        reading.load1,
        reading.cpus,
        reading.memory_available_bytes,
    )


async def test_the_service_is_read_without_a_gap_alive_and_dead(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    asked = _asked(studio)
    alive = await _observe(remote, ("service",), asked)
    studio.faults.switch_on("oom_killed")
    dead = await _observe(remote, ("service",), asked)

    reading, after = (read_service(_told(one), asked) for one in (alive, dead))
    assert reading.gaps == after.gaps == ()
    assert reading.server is not None
    assert reading.server.pid == reading.listeners[0].pid
    assert reading.unit is not None
    assert reading.unit.main_pid == reading.server.pid
    assert after.server is None
    assert after.unit is not None
    assert after.unit.result == "oom-kill"


async def test_the_kernel_tells_every_kind_of_event(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    asked = _asked(studio)
    before = read_kernel(
        _part(await _observe(remote, ("kernel",), asked), "kernel")
    )
    alive = await _observe(remote, ("service",), asked)
    for number in (31, 79, 119):
        studio.faults.switch_on("xid", number)
    studio.faults.switch_on("oom_killed")

    answer = await remote.observe(
        {"kernel": {"cursor": before.cursor}}, within=8.0
    )

    told = list(events(read_kernel(_part(answer, "kernel")).entries, "boot"))
    server = read_service(_told(alive), asked).server
    assert server is not None
    xids = [getattr(one, "xid", 0) for one in told]
    assert xids == [31, 79, 119, 0, 0]
    assert {told[0].pid, told[3].pid, told[4].pid} == {server.pid}
    assert getattr(told[2], "process", "") == "nvidia-smi"


async def test_the_log_and_the_jobs_are_read_whole(
    remote: RemoteGate, studio: SimulatedHost, visitor: Visitor
) -> None:
    await visitor.enhance(studio)

    answer = await _observe(remote, ("log", "jobs"), _asked(studio))

    log = read_log(_part(answer, "log"))
    jobs = read_jobs(_part(answer, "jobs"), DIRECTORY)
    kinds = [classify(line.text) for line in log.lines]
    assert log.unreadable == jobs.unreadable == 0
    assert kinds[-1] == "job_succeeded"
    assert "server_started" in kinds
    assert len(jobs.counts) == 4


async def test_nvidia_smi_is_read_and_so_is_who_works(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    studio.faults.switch_on("busy")

    answer = await _observe(remote, ("gpu", "pmon"), _asked(studio))

    gpus = read(_part(answer, "gpu").text("stdout", limit=99_999).encode())
    shares = read_pmon(_part(answer, "pmon").text("stdout"))
    (process,) = gpus.gpus[0].processes
    used = {share.pid: share.ratio for share in shares}
    assert used[process.pid] > 0.8


async def test_what_is_installed_is_read_and_the_process_is_hidden(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    answer = await _observe(remote, ("cuda",), _asked(studio))

    found = read_cuda(_told(answer))
    assert judge_cuda(found).reason == ""
    assert (found.nvcc, found.loaded, found.devices) == ("12.8.93", None, None)
    assert [gap.what for gap in found.gaps] == ["loaded", "devices"]


async def test_of_a_strange_service_nothing_is_installed(
    remote: RemoteGate,
) -> None:
    asked = {"manager": "systemd", "unit": "nginx.service"}

    answer = await remote.observe({"cuda": asked}, within=8.0)

    found = read_cuda(_told(answer))
    assert (found.pid, found.packages) == (None, None)
    assert judge_cuda(found).reason == "unseen"


async def test_an_exit_reaches_whoever_watches(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    services = [{"name": "studio", **_asked(studio).question}]
    hearing = asyncio.create_task(_exit_of(remote.watch(services)))

    for _ in range(100):  # the watch may begin after the first of them
        studio.faults.switch_on("process_killed")
        await asyncio.wait({hearing}, timeout=0.05)
        studio.faults.switch_off("process_killed")
        if hearing.done():
            break

    happening = read_happening(await hearing)
    assert happening is not None
    assert happening.name == "studio"


async def _exit_of(
    events: AsyncIterator[Mapping[str, object]],
) -> Mapping[str, object]:
    async with aclosing(events):  # type: ignore[type-var]  # it is a generator
        async for event in events:
            if event["event"] == "exit":
                return event
    raise AssertionError("the watch has ended")


_CUTTING = {"ssh_down", "rebooting", "gpu_reset_required", "gpu_hardware"}
"""The faults that cost the connection, or do when they are healed."""


async def test_a_fault_leaves_no_answer_unread(
    remote: RemoteGate, studio: SimulatedHost
) -> None:
    asked = _asked(studio)
    reachable = [name for name in FAULTS if name not in _CUTTING]
    for name in reachable:
        studio.faults.switch_on(name)
        answer = await _observe(
            remote, ("machine", "disks", "service", "log", "jobs"), asked
        )
        studio.faults.switch_off(name)

        assert read_service(_told(answer), asked).gaps == ()
        assert read_log(_part(answer, "log")).unreadable == 0
