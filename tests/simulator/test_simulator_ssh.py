"""Commands and files over SSH."""

import asyncio
import socket
import stat
import threading
from pathlib import Path

import asyncssh
import paramiko
import pytest

from monitor.simulator.host import SimulatedHost
from monitor.simulator.ssh.guest import PoliteTransport
from monitor.simulator.ssh.keys import make_client_key
from monitor.simulator.ssh.processes import session_members
from tests.hosts.waiting import until
from tests.simulator.visitor import Visitor, is_dead

OUR_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def test_a_client_key_is_private_and_has_its_public_half(
    tmp_path: Path,
) -> None:
    line = make_client_key(tmp_path / "new" / "key")

    key = tmp_path / "new" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (tmp_path / "new" / "key.pub").read_text() == f"{line}\n"
    assert paramiko.PKey.from_path(key).get_base64() in line


async def test_the_host_key_survives_a_restart(studio: SimulatedHost) -> None:
    before = studio.host_key_line.split()[1:]

    await studio.stop()
    await studio.start()

    assert studio.host_key_line.split()[1:] == before
    key = studio.workdir / "ssh_host_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_a_command_gives_both_outputs_and_its_exit_code(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        done = await connection.run("echo out; echo err >&2; exit 7")

    assert (done.stdout, done.stderr) == ("out\n", "err\n")
    assert done.exit_status == 7


async def test_a_command_that_a_signal_ended_says_so_as_a_shell_does(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        done = await connection.run("kill -TERM $$")

    assert done.exit_status == 128 + 15


async def test_a_command_reads_what_it_is_sent(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    sent = "x" * 1_000_000

    async with visitor.ssh(studio) as connection:
        done = await connection.run("cat", input=sent)

    assert done.stdout == sent


async def test_a_command_finds_a_clean_environment(
    studio: SimulatedHost, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")

    said = await visitor.run(studio, "env; pwd")

    assert "hunter2" not in said
    assert said.endswith(f"{studio.workdir}\n")


@pytest.mark.parametrize(
    "command",
    [
        "nvidia-smi -L",
        f"exec env -i {OUR_PATH} LC_ALL=C timeout 9 sh -c 'nvidia-smi -L'",
        f"{OUR_PATH}; export PATH; nvidia-smi -L",
    ],
)
async def test_nvidia_smi_is_found_also_with_the_usual_path(
    studio: SimulatedHost, visitor: Visitor, command: str
) -> None:
    listed = await visitor.run(studio, command)

    assert listed.count("GPU-") == 2


async def test_hosts_of_one_machine_share_no_scratch_directory(
    studio: SimulatedHost, attic: SimulatedHost, visitor: Visitor
) -> None:
    command = f"env -i {OUR_PATH} sh -c 'echo $TMPDIR'"

    mine = await visitor.run(studio, command)
    theirs = await visitor.run(attic, command)

    assert mine == f"{studio.workdir / 'tmp'}\n"
    assert theirs == f"{attic.workdir / 'tmp'}\n"


async def test_many_quick_commands_on_one_connection_all_answer(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        for number in range(40):
            done = await connection.run(f"echo {number}")
            assert done.stdout == f"{number}\n"


async def test_the_eleventh_session_of_a_connection_is_refused(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        for _ in range(10):
            process = await connection.create_process("echo on; exec sleep 60")
            await process.stdout.readline()

        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("true")


@pytest.mark.parametrize(
    "command",
    [
        "echo $$; exec sleep 60",
        "timeout -k 1 60 sh -c 'echo $$; exec sleep 60'",
        "sh -c 'echo $$; exec sleep 60' & wait",
        "(trap '' TERM INT HUP; echo $$; sleep 60; :)",
    ],
)
async def test_a_command_ends_with_its_channel(
    studio: SimulatedHost, visitor: Visitor, command: str
) -> None:
    async with visitor.ssh(studio) as connection:
        process = await connection.create_process(command)
        pid = int(await process.stdout.readline())

        process.close()

        await until(lambda: is_dead(pid))
        assert (await connection.run("echo on")).stdout == "on\n"


async def test_what_a_command_leaves_behind_is_ended_too(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    said = await visitor.run(studio, "sleep 60 & echo $!")

    await until(lambda: is_dead(int(said)))


def test_no_stranger_is_in_a_session_that_is_not_there() -> None:
    assert session_members(4_194_305) == []


@pytest.mark.parametrize("password", ["", "hunter2"])
async def test_a_password_opens_nothing(
    studio: SimulatedHost, password: str
) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            studio.ssh_address,
            studio.ssh_port,
            username="ffmon",
            password=password,
            client_keys=None,
            known_hosts=None,
            config=None,
        )


async def test_a_forwarding_to_elsewhere_is_refused(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", 1)


def _open_strange_channel(host: SimulatedHost, key: Path) -> None:
    with paramiko.Transport((host.ssh_address, host.ssh_port)) as transport:
        transport.connect(
            username="ffmon", pkey=paramiko.PKey.from_path(str(key))
        )
        transport.open_channel("strange", timeout=5)


async def test_a_channel_of_an_unknown_kind_is_refused(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    with pytest.raises(paramiko.ChannelException) as refused:
        await asyncio.to_thread(_open_strange_channel, studio, visitor.key)

    assert refused.value.code == 1


def test_a_session_waits_until_its_client_was_answered() -> None:
    here, there = socket.socketpair()
    with here, there:
        transport = PoliteTransport(here)
        session = threading.Thread()

        transport.start_after_reply(session)

        assert session.ident is None


async def test_a_shell_without_a_command_is_refused(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    async with visitor.ssh(studio) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run()


async def test_who_says_nothing_keeps_nobody_out(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    _, silent = await asyncio.open_connection("127.0.0.1", studio.ssh_port)
    _, rude = await asyncio.open_connection("127.0.0.1", studio.ssh_port)
    rude.write(b"GET / HTTP/1.1\r\n\r\n")

    assert await visitor.run(studio, "echo here") == "here\n"

    for writer in (silent, rude):
        writer.close()
