"""A host behind another one, both of them real sshds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, make_key, sshd
from tests.hosts.waiting import until


@pytest.fixture
def jump(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path / "jump", "AllowTcpForwarding yes") as running:
        yield running


@pytest.fixture
def behind(server: Sshd, jump: Sshd, connect: Connect) -> SshHost:
    return connect(server.through(jump))


async def _failure(host: SshHost) -> CannotReach:
    with pytest.raises(CannotReach) as caught:
        await host.run("true", within=10)
    return caught.value


async def test_a_host_behind_a_jump_host_is_reached(
    behind: SshHost, jump: Sshd
) -> None:
    ran = await behind.run("echo $SSH_CONNECTION; echo ok", within=10)

    assert ran.stdout.endswith(b"ok\n")
    assert jump.sessions()


async def test_two_jump_hosts_are_gone_through(
    server: Sshd, jump: Sshd, connect: Connect, tmp_path: Path
) -> None:
    with sshd(tmp_path / "outer", "AllowTcpForwarding yes") as outer:
        settings = replace(server.settings, jump=jump.through(outer))

        ran = await connect(settings).run("echo ok", within=10)

        assert ran.stdout == b"ok\n"
        assert outer.sessions()


async def test_the_wrong_key_of_a_jump_host_is_refused(
    behind: SshHost, jump: Sshd, tmp_path: Path
) -> None:
    wrong = make_key(tmp_path / "wrong")
    jump.know(f"[127.0.0.1]:{jump.port} {wrong}")

    failure = await _failure(behind)

    assert failure.reason == "host_key"
    assert f"jump host 127.0.0.1:{jump.port} of host 'gpu1'" in str(failure)
    assert "CHANGED" in str(failure)


async def test_the_wrong_key_behind_a_jump_host_is_refused(
    behind: SshHost, server: Sshd
) -> None:
    server.know()

    failure = await _failure(behind)

    assert failure.reason == "host_key"
    assert f"cannot trust host 'gpu1' (127.0.0.1:{server.port})" in str(
        failure
    )


async def test_a_jump_host_that_forbids_it_is_named(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    with sshd(tmp_path / "strict", "AllowTcpForwarding no") as strict:
        failure = await _failure(connect(server.through(strict)))

    assert failure.reason == "failed"
    assert "AllowTcpForwarding" in str(failure)


async def test_a_jump_host_that_cannot_get_there_is_named(
    server: Sshd, jump: Sshd, connect: Connect
) -> None:
    settings = replace(server.through(jump), port=1)

    failure = await _failure(connect(settings))

    assert failure.reason == "unreachable"
    assert "its jump host cannot connect to it" in str(failure)


async def test_a_jump_host_that_refuses_connections_is_named(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    with sshd(tmp_path / "gone") as gone:
        settings = server.through(gone)

    failure = await _failure(connect(settings))

    assert failure.reason == "refused"
    assert "jump host" in str(failure)


@pytest.mark.parametrize("victim", ["jump", "server"])
async def test_a_way_that_is_killed_is_made_again(
    behind: SshHost, request: pytest.FixtureRequest, victim: str
) -> None:
    await behind.run("true", within=10)
    killed: Sshd = request.getfixturevalue(victim)

    killed.kill_sessions()

    assert (await behind.run("echo ok", within=10)).stdout == b"ok\n"


@pytest.mark.parametrize("victim", ["jump", "server"])
async def test_a_way_that_freezes_is_cut_off_and_made_again(
    behind: SshHost,
    clock: FakeClock,
    request: pytest.FixtureRequest,
    victim: str,
) -> None:
    await behind.run("true", within=10)
    frozen: Sshd = request.getfixturevalue(victim)
    frozen.freeze()

    with pytest.raises(CannotReach) as caught:
        await behind.run("true", within=0.5)

    assert caught.value.reason == "timeout"
    await until(lambda: behind.state == "down", within=5)
    clock.pass_time(60)
    assert (await behind.run("echo ok", within=10)).stdout == b"ok\n"


async def test_a_closed_host_leaves_nothing_on_its_jump_host(
    behind: SshHost, jump: Sshd, server: Sshd
) -> None:
    await behind.run("true", within=10)

    await behind.close()

    await until(lambda: not jump.sessions() and not server.sessions())
