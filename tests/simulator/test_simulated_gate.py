"""The gate that answers on a simulated host."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from monitor.adapters.gate.start import COMMAND, opening
from monitor.domain.nvidia_smi.reader import read
from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.world import DIRECTORY, UNIT
from tests.simulator.gate_client import GREETED, Body, GateClient, gate
from tests.simulator.gate_client import greeting as greet
from tests.simulator.visitor import SECONDS, Visitor

STUDIO: Body = {
    "name": "studio",
    "manager": "systemd",
    "unit": UNIT,
    "directory": DIRECTORY,
}


async def test_it_greets_as_an_installed_gate_and_runs_no_script(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        process = await connection.create_process(COMMAND, encoding=None)
        client = GateClient(process)
        await client.send(opening(GREETED, 70_000))
        hello = await client.hear()
        after = await client.ask("hello", skip=0)
        process.close()

    assert (hello["id"], hello["v"]) == (GREETED, 1)
    assert (hello["way"], hello["role"]) == ("installed", "observe")
    assert hello["user"] == "ffmon"
    assert set(hello["verbs"]) == {"hello", "observe", "watch", "files"}
    assert after["boot_id"] == hello["boot_id"]


async def test_a_greeting_may_come_in_pieces(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    words = greet()

    async with visitor.ssh(studio) as connection:
        process = await connection.create_process(COMMAND, encoding=None)
        client = GateClient(process)
        for at in range(0, len(words), 5):
            await client.send(words[at : at + 5])
            await process.stdin.drain()
        hello = await client.hear()
        process.close()

    assert hello["id"] == GREETED


async def test_a_script_for_a_shell_still_goes_to_a_shell(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        done = await connection.run(COMMAND, input="echo a $((1 + 1))\n")
        process = await connection.create_process(COMMAND)
        process.stdin.write_eof()
        silent = await process.wait()

    assert (done.stdout, done.exit_status) == ("a 2\n", 0)
    assert (silent.stdout, silent.exit_status) == ("", 0)


async def test_a_host_without_python_says_that_it_has_no_gate(
    visitor: Visitor, tmp_path: Path
) -> None:
    plain = SimulatedHost("plain", workdir=tmp_path / "plain", gate=False)
    plain.authorize(visitor.public_key)

    async with plain, visitor.ssh(plain) as connection:
        done = await connection.run(COMMAND, input=greet().decode())
        command = await connection.run("echo here")

    assert '"gate":"none"' in str(done.stdout)
    assert f'"id":"{GREETED}"' in str(done.stdout)
    assert "cannot find a Python" in str(done.stdout)
    assert "a shell would run this" not in str(done.stdout)
    assert command.stdout == "here\n"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"verb": "reboot"}, "unknown_verb"),
        ({"verb": "observe", "parts": {"weather": {}}}, "unknown_part"),
        ({"verb": "observe", "parts": []}, "bad_request"),
        ({"verb": "observe", "parts": {"disks": {}}}, "bad_request"),
        ({"verb": "observe", "parts": {"log": {"limit": -1}}}, "bad_request"),
        ({"verb": "observe", "within": "x", "parts": {}}, "bad_request"),
        ({"verb": "watch", "services": "studio"}, "bad_request"),
        ({"verb": "watch", "services": [{}]}, "bad_request"),
        ({"verb": "files", "do": "chmod"}, "bad_request"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(
    studio: SimulatedHost, visitor: Visitor, request_: Body, reason: str
) -> None:
    async with gate(visitor, studio) as client:
        verb = request_["verb"]
        rest = {key: request_[key] for key in request_ if key != "verb"}
        said = await client.ask(verb, **rest)
        on = await client.ask("hello")

    assert said["error"]["reason"] == reason
    assert said["error"]["because"].startswith("cannot ")
    assert "error" not in on


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"what?\n", "unreadable"),
        (b'{"v":2,"id":"x","verb":"hello"}\n', "version"),
        (b'{"v":1,"verb":"hello"}\n', "bad_request"),
        (b"x" * ((1 << 20) + 2) + b"\n", "too_large"),
    ],
)
async def test_a_line_that_is_no_request_is_refused_with_a_reason(
    studio: SimulatedHost, visitor: Visitor, line: bytes, reason: str
) -> None:
    async with gate(visitor, studio) as client:
        await client.send(line)
        said = await client.hear()
        on = await client.ask("hello")

    assert said["error"]["reason"] == reason
    assert "error" not in on


async def test_a_log_that_is_none_is_a_gap(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        asked = {"log": {"source": "file", "path": "/var/log/x"}}
        said = await client.ask("observe", parts=asked)

    assert said["parts"] == {}
    assert [gap["part"] for gap in said["gaps"]] == ["log"]


async def test_a_killed_process_is_told_at_once_and_its_successor_too(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    port = int(studio.url.rpartition(":")[2])
    async with gate(visitor, studio) as client:
        watched = await client.ask(
            "watch", services=[{**STUDIO, "port": port}]
        )
        before = await client.observe(service=STUDIO)
        studio.faults.switch_on("process_killed")
        ended = await client.event("exit")
        lost = await client.event("listener_lost")
        dead = await client.observe(service=STUDIO)
        studio.faults.switch_off("process_killed")
        began = await client.event("started")
        back = await client.event("listener_back")
        alive = await client.observe(service=STUDIO)

    (process,) = before["service"]["processes"]
    (successor,) = alive["service"]["processes"]
    assert watched["watching"] == ["studio"]
    assert (ended["name"], ended["pid"]) == ("studio", process["pid"])
    assert ended["started_at"] == process["started_at"]
    assert (lost["port"], back["port"]) == (port, port)
    assert dead["service"]["processes"] == dead["service"]["listeners"] == []
    assert dead["service"]["unit"]["result"] == "signal"
    assert dead["service"]["unit"]["exit_status"] == 9
    assert began["pid"] == successor["pid"] != process["pid"]
    assert alive["service"]["listeners"][0]["port"] == port


async def test_who_watches_another_service_hears_nothing(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        strange = {**STUDIO, "unit": "other.service"}
        await client.ask("watch", services=[strange])
        studio.faults.switch_on("process_killed")
        seen = await client.observe(service=strange)

    assert client.events == []
    assert seen["service"]["unit"]["load_state"] == "not-found"
    assert seen["service"]["processes"] == []


async def test_the_gate_is_gone_with_its_ssh(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        studio.faults.switch_on("ssh_down")

        with pytest.raises(EOFError):
            await client.hear()


async def test_a_client_that_ends_its_input_ends_the_gate(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        client.process.stdin.write_eof()

        with pytest.raises(EOFError):
            await client.hear()
        assert (await client.process.wait()).exit_status == 0


async def test_a_hung_nvidia_smi_holds_up_nobody_else_and_no_second_one(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("nvidia_smi_hang")

    async with gate(visitor, studio) as client:
        began = time.monotonic()
        hung = await client.start("observe", parts={"gpu": {"within": 0.4}})
        machine = (await client.observe(machine={}))["machine"]
        second = (await client.observe(gpu={}))["gpu"]
        quick = time.monotonic() - began
        first = (await client.answer(hung))["parts"]["gpu"]
        took = time.monotonic() - began
        studio.faults.switch_off("nvidia_smi_hang")
        healed = await client.observe(gpu={}, machine={})

    assert quick < 0.4 <= took
    assert (first["code"], second["code"]) == (124, 75)
    assert [one["state"] for one in machine["drivers"]] == ["D"]
    assert healed["gpu"]["code"] == 0
    assert healed["machine"]["drivers"] == []


async def test_work_shows_in_the_cpu_time_and_the_gpu_use_of_its_process(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        before = await client.observe(service=STUDIO)
        await visitor.enhance(studio)
        after = await client.observe(service=STUDIO)
        studio.faults.switch_on("busy")
        busy = await client.observe(service=STUDIO, pmon={})
        later = await client.observe(service=STUDIO)

    cpu = [
        seen["service"]["processes"][0]["cpu_seconds"]
        for seen in (before, after, busy, later)
    ]
    pid = after["service"]["processes"][0]["pid"]
    assert cpu[1] - cpu[0] >= SECONDS
    assert cpu[3] >= cpu[2] >= cpu[1]
    assert re.search(rf" {pid} +C +[1-9][0-9] +[0-9]", busy["pmon"]["stdout"])


async def test_a_hung_server_lives_listens_and_does_nothing(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("hang")

    async with gate(visitor, studio) as client:
        seen = [await client.observe(service=STUDIO) for _ in range(2)]

    one, two = (each["service"]["processes"][0] for each in seen)
    assert seen[1]["service"]["unit"]["active_state"] == "active"
    assert seen[1]["service"]["listeners"]
    assert two["cpu_seconds"] - one["cpu_seconds"] < 0.05


async def test_gpu_memory_is_held_by_facefusion_and_by_a_stranger(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        seen = await client.observe(service=STUDIO, gpu={})
        studio.faults.switch_on("process_killed")
        dead = await client.observe(gpu={})

    first, second = read(seen["gpu"]["stdout"].encode()).gpus
    pid = seen["service"]["processes"][0]["pid"]
    assert [one.pid for one in first.processes] == [pid]
    assert [one.pid for one in second.processes] != [pid]
    assert len(second.processes) == 1
    freed, same = read(dead["gpu"]["stdout"].encode()).gpus
    assert freed.processes == ()
    assert same.processes == second.processes
    assert "supported_clocks" not in seen["gpu"]["stdout"]


async def test_jobs_are_counted_logged_and_left_behind_by_a_crash(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        start = await client.observe(log={}, jobs={})
        await visitor.enhance(studio)
        cursor = {"cursor": start["log"]["cursor"]}
        done = await client.observe(log=cursor, jobs={})
        studio.faults.switch_on("slow", 4)
        job = asyncio.create_task(_broken_off(visitor, studio))
        await client.until_a_job_runs()
        studio.faults.switch_on("refused")
        left = await client.observe(jobs={}, service=STUDIO)
        await job

    lines = [one["text"] for one in done["log"]["lines"]]
    counts = [seen["jobs"]["counts"]["completed"] for seen in (start, done)]
    assert counts[1] == counts[0] + 1
    assert len(lines) == 1
    assert re.search(r"processing to image succeeded in 0\.\d+ s", lines[0])
    assert left["service"]["processes"] == []
    assert left["jobs"]["started"]


async def _broken_off(visitor: Visitor, host: SimulatedHost) -> None:
    with pytest.raises(Exception, match=r"(?i)disconnect|reset|read|closed|"):
        await visitor.enhance(host)


async def test_a_reboot_begins_a_new_life_of_the_machine(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("xid", 13)
    async with gate(visitor, studio) as client:
        before = await client.observe(machine={}, kernel={}, service=STUDIO)
        studio.faults.switch_on("rebooting")
        with pytest.raises(EOFError):
            await client.hear()
    studio.faults.switch_off("rebooting")

    async with gate(visitor, studio) as client:
        cursor = {"cursor": before["kernel"]["cursor"]}
        after = await client.observe(machine={}, kernel=cursor, service=STUDIO)

    assert after["machine"]["boot_id"] != before["machine"]["boot_id"]
    assert after["machine"]["uptime"] < before["machine"]["uptime"]
    assert before["kernel"]["entries"]
    assert after["kernel"]["entries"] == []
    (process,) = after["service"]["processes"]
    assert process["started_at"] >= after["machine"]["boot_time"]


async def test_an_error_that_needs_a_reboot_is_healed_by_one(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with gate(visitor, studio) as client:
        before = await client.observe(machine={})
    for number in (31, 119):
        studio.faults.switch_on("xid", number)
    studio.faults.switch_off("xid")
    async with gate(visitor, studio) as client:
        after = await client.observe(machine={}, gpu={})

    assert after["machine"]["boot_id"] != before["machine"]["boot_id"]
    assert after["machine"]["drivers"] == []
    assert after["gpu"]["code"] == 0


async def test_a_machine_may_have_the_wrong_time(
    visitor: Visitor, tmp_path: Path
) -> None:
    year = 365 * 86_400
    host = SimulatedHost(
        "late", workdir=tmp_path / "late", clock=lambda: 1e9 + year
    )
    host.authorize(visitor.public_key)

    async with host, gate(visitor, host) as client:
        said = await client.ask("observe", parts={"machine": {}})

    assert said["at"] == said["parts"]["machine"]["now"] == 1e9 + year
