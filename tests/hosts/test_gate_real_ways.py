"""The three ways to a host: installed, sent, and by plain commands."""

import asyncio
import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.conftest import component
from tests.fakes.clock import FakeClock
from tests.hosts.gates import (
    WITHIN,
    failure,
    force,
    gate_on,
    install,
    seen,
)
from tests.hosts.sshd import Sshd
from tests.hosts.waiting import until

NOISE = "echo welcome; printf 'no newline'; echo oops >&2\n"
TOOLS = ("cat", "date", "df", "env", "grep", "ls", "ps", "readlink", "sed")
MORE_TOOLS = ("sh", "timeout", "tr")


async def test_the_gate_is_sent_where_none_is_installed(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock) as gate:
        hello = await gate.hello(within=WITHIN)

        assert hello.way == await gate.way(within=WITHIN) == "stdin"
        assert "observe" in hello.verbs
        assert hello.python.startswith("3.")
        assert (await seen(gate, "machine"))["uptime"]


async def test_an_installed_gate_is_used_and_throws_the_script_away(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    install(server)
    async with gate_on(host, clock, is_odd=True) as gate:
        hello = await gate.hello(within=WITHIN)

        assert hello.way == await gate.way(within=WITHIN) == "installed"
        assert hello.version != "odd"
        assert (await seen(gate, "machine"))["uptime"]


async def test_a_gate_that_is_no_longer_installed_is_sent(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    install(server)
    async with gate_on(host, clock) as gate:
        await gate.hello(within=WITHIN)
        public = (server.directory / "client_key.pub").read_text()
        (server.directory / "authorized_keys").write_text(public)

        server.kill_sessions()

        await failure_or_nothing(host)
        assert await gate.way(within=WITHIN) == "stdin"


async def failure_or_nothing(host: SshHost) -> None:
    """Let the loss be noticed."""
    await host.run("true", within=WITHIN)


async def test_without_python_plain_commands_answer(
    host: SshHost, clock: FakeClock
) -> None:
    parts: dict[str, dict[str, object]] = {
        "machine": {},
        "disks": {"paths": ["/"]},
        "kernel": {},
    }
    async with gate_on(host, clock, pythons=("no-such-python",)) as gate:
        answer = await gate.observe(parts, within=WITHIN)

        assert answer.way == await gate.way(within=WITHIN) == "plain"
        assert (answer.version, answer.python) == ("", "")
        body: Any = answer.body
        assert set(body["parts"]) == {"machine", "disks"}
        gaps = {gap["part"]: gap for gap in body["gaps"]}
        assert set(gaps) == {"kernel", "machine"}
        gap = gaps["kernel"]
        assert "needs Python 3.8 or newer on the host" in gap["because"]


async def test_plain_commands_and_the_gate_say_the_same(
    host: SshHost, clock: FakeClock
) -> None:
    async with (
        gate_on(host, clock) as gate,
        gate_on(host, clock, pythons=()) as plain,
    ):
        by_gate = await seen(gate, "machine")
        by_hand = await seen(plain, "machine")

    assert set(by_hand) == set(by_gate)
    for name in ("boot_id", "cpus", "memory_total", "gpus_on_bus"):
        assert by_hand[name] == by_gate[name]
    for name in ("now", "uptime", "boot_time"):
        assert by_hand[name] == pytest.approx(by_gate[name], abs=3)


async def test_files_need_more_than_plain_commands(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock, pythons=()) as gate:
        with pytest.raises(CannotReach, match="needs Python") as caught:
            await gate.files({"do": "list"}, within=WITHIN)

    assert caught.value.reason == "gate_missing"


@pytest.mark.parametrize("way", ["installed", "stdin", "plain"])
@pytest.mark.parametrize("login", [NOISE, "sleep 0.4\n"])
async def test_noisy_and_slow_login_files_change_nothing(
    host: SshHost, server: Sshd, clock: FakeClock, way: str, login: str
) -> None:
    (server.home / ".bashrc").write_text(login)
    if way == "installed":
        install(server)
    pythons = () if way == "plain" else ("python3",)
    async with gate_on(host, clock, pythons=pythons) as gate:
        assert (await seen(gate, "machine"))["uptime"]
        assert await gate.way(within=WITHIN) == way


async def test_another_forced_command_is_named(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    force(server, "echo only backups here >&2; exit 1")
    async with gate_on(host, clock) as gate:
        failed = await failure(gate)

    assert failed.reason == "gate_refused"
    assert 'it said "only backups here"' in str(failed)


async def test_a_connection_that_is_lost_during_the_greeting_is_no_refusal(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    force(server, "sleep 30")
    async with gate_on(host, clock) as gate:
        failing = asyncio.create_task(failure(gate))
        await until(lambda: any(_sleeps(pid) for pid in server.children()))
        server.kill_sessions()

        failed = await failing

    assert failed.reason == "closed"


def _sleeps(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text() == "sleep\n"
    return False


async def test_a_forced_command_that_never_answers_costs_its_time_only(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    force(server, "exec sleep 5")
    async with gate_on(host, clock) as gate:
        failed = await failure(gate, within=0.5)

    assert failed.reason == "timeout"
    assert "still being started" in str(failed)


async def test_a_gate_of_another_protocol_is_named(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    script = server.directory / "other"
    script.write_text(
        "read -r _ line\n"
        "id=${line#*'\"id\":\"'}; id=${id%%'\"'*}\n"
        'printf \'{"v":2,"id":"%s","error":{"reason":"version"}}\\n\' $id\n'
    )
    force(server, f"bash {script}")
    async with gate_on(host, clock) as gate:
        failed = await failure(gate)

    assert failed.reason == "gate_version"
    assert "host install" in str(failed)


@pytest.fixture
def busybox_only(server: Sshd, tmp_path: Path) -> Path:
    """Let the key's owner find nothing on the PATH but busybox."""
    busybox = component("busybox")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in (*TOOLS, *MORE_TOOLS):
        (tools / name).symlink_to(busybox)
    wrapper = tmp_path / "wrapper"
    command = "${SSH_ORIGINAL_COMMAND//PATH=*bin LC/PATH=@ LC}"
    shell = 'exec @/sh -c "${command//\\/bin\\/sh/@/sh}"'
    text = f"#!/bin/bash\ncommand={command}\n{shell}\n"
    wrapper.write_text(text.replace("@", str(tools)))
    wrapper.chmod(0o755)
    force(server, str(wrapper))
    return tools


@pytest.mark.usefixtures("busybox_only")
async def test_a_host_with_busybox_alone_is_observed_plainly(
    host: SshHost, clock: FakeClock, server: Sshd
) -> None:
    asked: dict[str, dict[str, object]] = {
        "machine": {},
        "disks": {"paths": ["/", "/no such 'place'; echo"]},
        "service": {
            "manager": "process",
            "directory": "/opt/none",
            "port": server.port,
        },
    }
    async with gate_on(host, clock, pythons=("python3",)) as gate:
        answer = await gate.observe(asked, within=WITHIN)

    assert answer.way == "plain"
    body: Any = answer.body
    parts = body["parts"]
    assert parts["machine"]["cpus"]
    assert parts["machine"]["memory_total"] > 1 << 20
    (disk,) = parts["disks"]["disks"]
    assert disk["path"] == "/"
    total = shutil.disk_usage("/").total
    assert disk["total"] == pytest.approx(total, abs=4096)
    assert parts["service"]["port_taken_by"]["uid"] == 0
    gaps = {gap["part"]: gap for gap in body["gaps"]}
    assert set(gaps) == {"disks", "machine"}
