"""Each fault: switched on it shows outside, switched off it heals.

The neighbour of the broken host never notices.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncssh
import httpx
import pytest

from monitor.adapters.images import compare
from monitor.domain.canary.image import Box, flaw
from monitor.domain.canary.reading import Operation
from monitor.domain.joblog.kinds import classify, is_bad
from monitor.domain.nvidia_smi.reader import read
from monitor.simulator.faults import FAULTS
from monitor.simulator.host import SimulatedHost
from tests.hosts.waiting import until
from tests.simulator import looks
from tests.simulator.gate_client import gate, new_lines
from tests.simulator.visitor import (
    ASTRONAUT,
    NO_TLS,
    SECONDS,
    Visitor,
    is_dead,
    output,
    portrait,
)

FACE = Box(x=178, y=67, width=92, height=92)
Look = Callable[[Visitor, SimulatedHost], Awaitable[str]]


async def _status(visitor: Visitor, host: SimulatedHost) -> str:
    try:
        answer = await visitor.status(host)
    except httpx.ConnectError:
        return "refused"
    kind = answer.headers["content-type"].partition(";")[0]
    return f"{answer.status_code} {kind}"


async def _leave(_: Visitor, host: SimulatedHost) -> str:
    """Ask for leave as a browser would, before a job."""
    page = "https://storycanvas.example"
    async with httpx.AsyncClient(timeout=5, verify=NO_TLS) as http:
        answer = await http.options(
            f"{host.url}/api/v1/enhance-face",
            headers={
                "Origin": page,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
    allowed = answer.headers.get("access-control-allow-origin", "nobody")
    return f"{answer.status_code} {allowed}"


async def _patience(visitor: Visitor, host: SimulatedHost) -> str:
    try:
        async with asyncio.timeout(1):
            return await _status(visitor, host)
    except TimeoutError:
        return "silent"


async def _job(visitor: Visitor, host: SimulatedHost) -> str:
    answer = await visitor.enhance(host)
    if answer.status_code != 200:
        return str(answer.status_code)
    if answer.json()["output_path"] is None:
        return "null"
    seen = compare(portrait(ASTRONAUT), output(answer), FACE)
    wrong = flaw(seen, operation=Operation.ENHANCE)
    return "fine" if wrong is None else wrong.reason


async def _pace(visitor: Visitor, host: SimulatedHost) -> str:
    answer = await visitor.enhance(host)
    took = float(answer.json()["processing_time"])
    return "slow" if took >= 4 * SECONDS else "quick"


async def _queue(visitor: Visitor, host: SimulatedHost) -> str:
    answer = await visitor.status(host)
    return str(answer.json()["queue_size"])


async def _ssh(visitor: Visitor, host: SimulatedHost) -> str:
    try:
        return (await visitor.run(host, "echo here")).strip()
    except ConnectionRefusedError:
        return "refused"


async def _gpus(visitor: Visitor, host: SimulatedHost) -> str:
    listed = await visitor.run(host, "timeout 1 nvidia-smi -L; echo code $?")
    return " ".join(
        line.split()[1].strip(":") for line in listed.split("\n")[:-1]
    )


async def _kernel(visitor: Visitor, host: SimulatedHost) -> str:
    """Return the errors that the kernel has logged since the last look."""
    lines = await new_lines(visitor, host, "kernel")
    xids = re.findall(
        r"^NVRM: Xid \(PCI:[0-9a-f:]+\): (\d+), ", lines, re.MULTILINE
    )
    return " ".join(xids) or "quiet"


async def _log(visitor: Visitor, host: SimulatedHost) -> str:
    """Return what FaceFusion's log has told since the last look."""
    lines = await new_lines(visitor, host, "log")
    kinds = [classify(line) for line in lines.splitlines()]
    return " ".join(filter(is_bad, kinds)) or "quiet"


async def _heat(visitor: Visitor, host: SimulatedHost) -> str:
    async with gate(visitor, host) as client:
        seen = await client.observe(gpu={})
    first, *_ = read(seen["gpu"]["stdout"].encode()).gpus
    is_hot = dict(first.clock_events)["hw_thermal_slowdown"]
    return "hot" if is_hot else "cool"


_OURS = "run"
"""FaceFusion, by its last argument."""
SHOWS: dict[str, tuple[Look, str, str]] = {
    "refused": (_status, "200 application/json", "refused"),
    "hang": (_patience, "200 application/json", "silent"),
    "slow": (_pace, "quick", "slow"),
    "cold": (_pace, "quick", "slow"),
    "busy": (_queue, "0", "3"),
    "error_500": (_status, "200 application/json", "500 application/json"),
    "null_result": (_job, "fine", "null"),
    "unchanged_image": (_job, "fine", "unchanged"),
    "blank_image": (_job, "fine", "blank"),
    "not_found": (_status, "200 application/json", "404 application/json"),
    "bad_gateway": (_status, "200 application/json", "200 text/html"),
    "cors": (_leave, "200 *", "405 nobody"),
    "ssh_down": (_ssh, "here", "refused"),
    "gpu_lost": (_gpus, "0 1 0", "to 0 15"),
    "nvidia_smi_hang": (_gpus, "0 1 0", "124"),
    "driver_mismatch": (_gpus, "0 1 0", "to library 18"),
    "container_gpu_lost": (_gpus, "0 1 0", "to 255"),
    "thermal_throttle": (_heat, "cool", "hot"),
    "out_of_memory": (_job, "fine", "500"),
    "xid": (_kernel, "quiet", "31"),
    "process_killed": (_status, "200 application/json", "refused"),
    "oom_killed": (_status, "200 application/json", "refused"),
    "disk_full": (_job, "fine", "500"),
    "log_error": (_log, "quiet", "cuda_fault"),
    "rebooting": (_ssh, "here", "refused"),
    "operator_stop": (looks.unit, "active", "inactive asked"),
    "suspended": (looks.process, "S", "T"),
    "restart": (looks.listeners, "0.0.0.0 +0", ""),
    "not_listening": (looks.listeners, "0.0.0.0 +0", ""),
    "loopback_only": (looks.listeners, "0.0.0.0 +0", "127.0.0.1 +0"),
    "port_drift": (looks.listeners, "0.0.0.0 +0", "0.0.0.0 +1"),
    "port_taken": (_status, "200 application/json", "404 text/html"),
    "crash_loop": (_status, "200 application/json", "refused"),
    "model_corrupt": (_status, "200 application/json", "refused"),
    "dependency_missing": (_status, "200 application/json", "refused"),
    "cuda_fault": (_log, "quiet", "cuda_fault"),
    "cpu_fallback": (_log, "quiet", "cpu_fallback"),
    "gpu_memory_leak": (looks.memory, "still", "grows"),
    "input_refused": (_job, "fine", "422"),
    "content_declined": (_job, "fine", "422"),
    "video": (_patience, "200 application/json", "silent"),
    "log_noise": (looks.noise, "quiet", "noisy"),
    "gpu_reset_required": (looks.recovery, "None", "Reset"),
    "gpu_hardware": (_kernel, "quiet", "64"),
    "second_user": (looks.users, _OURS, f"{_OURS}, train.py"),
    "host_overloaded": (looks.load, "little", "too much"),
    "power_cap": (looks.capped, "free", "capped"),
    "phantom_load": (looks.use, "0%", "100%"),
    "mig": (looks.use, "0%", "unknown"),
    "inforom": (looks.warnings, "</nvidia_smi_log>", "WARNING"),
}
"""How each fault is seen: by which look, healthy and broken."""


def test_every_fault_is_looked_at() -> None:
    assert SHOWS.keys() == FAULTS.keys()


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_shows_heals_and_stays_at_home(
    studio: SimulatedHost, attic: SimulatedHost, visitor: Visitor, name: str
) -> None:
    look, healthy, broken = SHOWS[name]
    for host in (studio, attic):
        await look(visitor, host)  # what is in the logs is old from now on
    assert await look(visitor, studio) == healthy

    studio.faults.switch_on(name)
    here, there = await asyncio.gather(
        look(visitor, studio), look(visitor, attic)
    )
    studio.faults.switch_off(name)
    healed = await look(visitor, studio)

    assert (here, there, healed) == (broken, healthy, healthy)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_may_be_there_from_the_start(
    visitor: Visitor, name: str, tmp_path: Path
) -> None:
    look, healthy, broken = SHOWS[name]
    host = SimulatedHost(
        "born", workdir=tmp_path / "born", durations={"gfpgan_1.4": SECONDS}
    )
    host.authorize(visitor.public_key)
    host.faults.switch_on(name)

    async with host:
        first = await look(visitor, host)
        host.faults.switch_off(name)
        then = await look(visitor, host)

    assert (first, then) == (broken, healthy)


@pytest.mark.parametrize("path", ["api/v1/enhance-face", "outputs/x", ""])
@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("error_500", 500, "Internal Server Error"),
        ("not_found", 404, "Not Found"),
        ("bad_gateway", 200, "502 Bad Gateway"),
    ],
)
async def test_a_canned_answer_is_given_on_every_path(
    studio: SimulatedHost, path: str, name: str, code: int, says: str
) -> None:
    studio.faults.switch_on(name)

    async with httpx.AsyncClient(verify=NO_TLS) as http:
        answer = await http.post(f"{studio.url}/{path}", json={})

    assert answer.status_code == code
    assert says in answer.text


@pytest.fixture
async def kept_alive(
    studio: SimulatedHost,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(studio.url.rpartition(":")[2])
    )
    writer.write(b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"}")
    yield reader, writer
    writer.close()


async def test_a_refused_port_also_cuts_who_was_inside(
    studio: SimulatedHost,
    kept_alive: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, _ = kept_alive

    studio.faults.switch_on("refused")

    async with asyncio.timeout(2):
        assert await reader.read() == b""


async def test_who_waits_for_a_hung_server_is_cut_when_it_heals(
    studio: SimulatedHost,
    kept_alive: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = kept_alive
    studio.faults.switch_on("hang")
    writer.write(b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read()

    studio.faults.switch_off("hang")

    async with asyncio.timeout(2):
        assert await reader.read() == b""


async def test_ssh_down_cuts_connections_and_ends_their_commands(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        process = await connection.create_process("echo $$; exec sleep 60")
        pid = int(await process.stdout.readline())

        studio.faults.switch_on("ssh_down")

        async with asyncio.timeout(3):
            await connection.wait_closed()
    await until(lambda: is_dead(pid))


async def test_an_ssh_door_that_was_shut_opens_on_the_same_port(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    before = studio.ssh_port

    for _ in range(10):
        studio.faults.switch_on("ssh_down")
        studio.faults.switch_off("ssh_down")

    assert studio.ssh_port == before
    assert await visitor.run(studio, "echo here") == "here\n"


async def test_a_refused_port_answers_again_each_time_on_the_same_port(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    before = studio.url

    for _ in range(10):
        studio.faults.switch_on("refused")
        with pytest.raises(httpx.ConnectError):
            await visitor.status(studio)
        studio.faults.switch_off("refused")
        assert (await visitor.status(studio)).status_code == 200

    assert studio.url == before


async def test_a_slow_job_takes_as_many_times_as_long_as_asked(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("slow", 3)

    began = time.monotonic()
    await visitor.enhance(studio)
    took = time.monotonic() - began

    assert 3 * SECONDS <= took < 6 * SECONDS


async def test_the_lost_gpu_may_be_chosen(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("gpu_lost", 0)

    listed = await visitor.run(studio, "nvidia-smi -L")

    assert listed.startswith(
        "Unable to determine the device handle for GPU0: 0000:01:00.0:"
        " GPU is lost."
    )
    assert "\nGPU 1: NVIDIA GeForce RTX 3090" in listed


async def test_a_wrong_login_is_told_apart_from_a_closed_port(
    studio: SimulatedHost, tmp_path: Path
) -> None:
    stranger = Visitor(key=tmp_path / "stranger", public_key="")
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(
        str(stranger.key)
    )

    with pytest.raises(asyncssh.PermissionDenied):
        await stranger.run(studio, "true")


async def test_throttled_jobs_take_as_many_times_as_long_as_asked(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("thermal_throttle", 4)

    answer = await visitor.enhance(studio)

    assert float(answer.json()["processing_time"]) >= 4 * SECONDS
