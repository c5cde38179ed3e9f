"""SSH servers that behave in ways that OpenSSH does not."""

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from typing_extensions import override

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach
from tests.adapters.ssh_peers import Login, Process, serving
from tests.fakes.clock import FakeClock


async def _failure(settings: SshSettings, *, within: float) -> CannotReach:
    host = SshHost("gpu1", settings, FakeClock())
    with pytest.raises(CannotReach) as caught:
        await host.run("echo hi", within=within)
    await host.close()
    return caught.value


async def test_one_key_is_offered_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home/.ssh"
    home.mkdir(parents=True)
    stray = asyncssh.generate_private_key("ssh-ed25519")
    stray.write_private_key(home / "id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    login = Login(accepts=False)

    async with serving(tmp_path, login=login) as settings:
        failure = await _failure(settings, within=10)

    configured = asyncssh.read_private_key(settings.key_file)
    assert failure.reason == "auth"
    assert set(login.offered) == {configured.get_fingerprint()}


async def test_a_server_that_ends_a_command_half_way_has_failed(
    tmp_path: Path,
) -> None:
    async def handle(process: Process) -> None:
        sent = await process.stdin.read()
        word = sent.split(b"printf %s ")[1].split(b";")[0]
        process.stdout.write(b"noise" + word + b"half an answ")
        process.exit(0)

    async with serving(tmp_path, handle=handle) as settings:
        failure = await _failure(settings, within=10)

    assert failure.reason == "failed"
    assert "cannot see that the script ended" in str(failure)
    assert "half an answ" in str(failure)


class _Mute(Login):
    """Opens sessions, and refuses whatever is asked in them."""

    @override
    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return asyncssh.SSHServerSession()


async def test_a_server_that_runs_no_commands_has_failed(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, login=_Mute()) as settings:
        failure = await _failure(settings, within=10)

    assert failure.reason == "failed"
    assert "sshd refused" in str(failure)


async def test_a_server_that_never_answers_a_command_times_out(
    tmp_path: Path,
) -> None:
    over = asyncio.Event()

    async def handle(process: Process) -> None:
        await over.wait()
        process.exit(0)

    async with serving(tmp_path, handle=handle) as settings:
        failure = await _failure(settings, within=0.3)
        over.set()

    assert failure.reason == "timeout"
    assert "the command did not end" in str(failure)


async def test_a_server_that_drops_us_in_a_command_says_closed(
    tmp_path: Path,
) -> None:
    async def handle(process: Process) -> None:
        process.channel.get_connection().abort()

    async with serving(tmp_path, handle=handle) as settings:
        failure = await _failure(settings, within=10)

    assert failure.reason == "closed"


class _Patient(Login):
    """Never gets round to a login, or ends the connection in it."""

    def __init__(self, *, hangs_up: bool) -> None:
        super().__init__()
        self._hangs_up = hangs_up
        self._over = asyncio.Event()
        self._connection: asyncssh.SSHServerConnection | None = None

    @override
    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set()

    @override
    async def begin_auth(self, username: str) -> bool:
        if self._hangs_up and self._connection:
            self._connection.abort()
        await self._over.wait()
        return True


async def test_a_login_that_is_not_answered_is_not_waited_for(
    tmp_path: Path,
) -> None:
    login = _Patient(hangs_up=False)

    async with serving(tmp_path, login=login) as settings:
        brief = replace(settings, connect_timeout=0.5)
        failure = await _failure(brief, within=10)

    assert failure.reason == "timeout"
    assert "sshd does not answer to the login" in str(failure)


async def test_a_connection_closed_in_the_login_says_so(
    tmp_path: Path,
) -> None:
    login = _Patient(hangs_up=True)

    async with serving(tmp_path, login=login) as settings:
        failure = await _failure(settings, within=10)

    assert failure.reason == "closed"
    assert "as 'ffmon': the connection was closed" in str(failure)
