"""Ports that speak something else than SSH, or speak it badly."""

import asyncio
import contextlib
import random
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.adapters.ssh_peers import Talk, talking
from tests.fakes.clock import FakeClock

HELLO = b"SSH-2.0-Odd_1.0\r\n"


async def _failure(
    talk: Talk, directory: Path, *, connect_timeout: float = 5
) -> CannotReach:
    async with talking(talk, directory) as settings:
        patient = replace(settings, connect_timeout=connect_timeout)
        host = SshHost("gpu1", patient, FakeClock())
        with pytest.raises(CannotReach) as caught:
            await host.run("true", within=10)
        await host.close()
    return caught.value


def _says(*chunks: bytes, then_waits: bool = False) -> Talk:
    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for chunk in chunks:
            writer.write(chunk)
        if then_waits:
            with contextlib.suppress(ConnectionError):
                await reader.read()
        writer.close()

    return talk


async def _floods(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with contextlib.suppress(ConnectionError):
        while not reader.at_eof():
            writer.write(b"x" * 65_536)
            await writer.drain()
    writer.close()


async def test_a_web_server_is_no_sshd(tmp_path: Path) -> None:
    talk = _says(b"HTTP/1.1 400 Bad Request\r\n" * 200)

    failure = await _failure(talk, tmp_path)

    assert failure.reason == "protocol"
    assert "HTTP/1.1 400 Bad Request" in str(failure)
    assert "check that this port belongs to sshd" in str(failure)


async def test_a_port_that_hangs_up_is_named(tmp_path: Path) -> None:
    failure = await _failure(_says(), tmp_path)

    assert failure.reason == "closed"
    assert "closed before the login" in str(failure)


async def test_a_port_that_hangs_up_after_hello_is_named(
    tmp_path: Path,
) -> None:
    failure = await _failure(_says(HELLO), tmp_path)

    assert failure.reason == "closed"


async def test_an_endless_greeting_is_not_collected(tmp_path: Path) -> None:
    failure = await _failure(_floods, tmp_path)

    assert failure.reason == "protocol"
    assert "too long" in str(failure)


async def test_an_enormous_packet_is_not_waited_for(tmp_path: Path) -> None:
    packet = struct.pack(">IB", 0x7FFF_FFFC, 4) + bytes(1000)

    failure = await _failure(_says(HELLO, packet, then_waits=True), tmp_path)

    assert failure.reason == "protocol"
    assert "a packet of" in str(failure)


async def test_garbage_after_hello_is_named(tmp_path: Path) -> None:
    failure = await _failure(_says(HELLO, b"\x00\x00\x00\x0c" * 9), tmp_path)

    assert failure.reason in {"protocol", "closed"}


@pytest.mark.parametrize("seed", range(20))
async def test_noise_after_hello_is_an_error_and_never_a_crash(
    tmp_path: Path, seed: int
) -> None:
    noise = random.Random(seed).randbytes(400)  # noqa: S311  repeatable

    short = bytes((0, 0, 0, 12)) + noise

    failure = await _failure(_says(HELLO, short), tmp_path)

    assert failure.reason in {"protocol", "closed"}


async def test_a_peer_that_stops_after_hello_is_not_waited_for(
    tmp_path: Path,
) -> None:
    talk = _says(HELLO, then_waits=True)

    failure = await _failure(talk, tmp_path, connect_timeout=0.3)

    assert failure.reason == "timeout"
    assert "sshd answered, but does not go on" in str(failure)


async def test_closing_does_not_wait_for_a_silent_port(
    tmp_path: Path,
) -> None:
    async with talking(_says(then_waits=True), tmp_path) as settings:
        host = SshHost("gpu1", settings, FakeClock())
        run = asyncio.create_task(host.run("true", within=10))
        await asyncio.wait({run}, timeout=0.1)

        async with asyncio.timeout(1):
            await host.close()

        with pytest.raises(CannotReach):
            await run


async def test_an_old_protocol_is_named(tmp_path: Path) -> None:
    failure = await _failure(_says(b"SSH-1.5-Old\r\n"), tmp_path)

    assert failure.reason == "protocol"
    assert "1.5" in str(failure)


async def test_what_a_stranger_says_is_one_printable_line(
    tmp_path: Path,
) -> None:
    talk = _says(b"\x1b[31mred\x07 alarm\n" * 120)

    failure = await _failure(talk, tmp_path)

    assert failure.reason == "protocol"
    assert str(failure).isprintable()
    assert len(str(failure)) < 400


async def test_paramiko_keeps_its_tracebacks_to_itself(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await _failure(_says(b"HTTP/1.1 400 Bad Request\r\n" * 200), tmp_path)

    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    assert not [r for r in caplog.records if r.name.startswith("paramiko")]
