"""Commands on a real sshd."""

import asyncio
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, sshd
from tests.hosts.waiting import until


def _is_running(pid: str) -> bool:
    return Path("/proc", pid).exists()


async def test_a_script_is_run_and_its_output_comes_back(
    host: SshHost,
) -> None:
    ran = await host.run("printf 'a\\nb'; printf c >&2; exit 3", within=10)

    assert (ran.code, ran.stdout, ran.stderr) == (3, b"a\nb", b"c")
    assert host.state == "connected"


async def test_the_environment_is_ours_alone(host: SshHost) -> None:
    ran = await host.run('echo "$PATH|$LC_ALL|$HOME|$USER|$ENV"', within=10)

    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert ran.stdout == f"{path}|C|||\n".encode()


async def test_a_script_cannot_read_the_rest_of_what_we_send(
    host: SshHost,
) -> None:
    ran = await host.run("cat; echo done", within=10)

    assert ran.stdout == b"done\n"


async def test_one_connection_serves_all_the_runs(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)
    first = server.sessions()

    await asyncio.gather(*(host.run("true", within=10) for _ in range(8)))

    assert set(server.sessions()) == set(first)


async def test_banner_and_login_noise_are_cut_off(
    tmp_path: Path, connect: Connect
) -> None:
    banner = tmp_path / "banner"
    banner.write_text("*** authorized users only ***\n" * 20)
    noisy = (
        "ForceCommand echo MOTD; echo rc >&2; printf '\\033[1mhi';"
        ' sh -c "$SSH_ORIGINAL_COMMAND"; echo bye'
    )
    with sshd(tmp_path / "sshd", f"Banner {banner}", noisy) as server:
        rc = "echo noise from bashrc; printf 'no newline'"
        (server.home / ".bashrc").write_text(rc)
        host = connect(server.settings)

        ran = await host.run("printf '<xml/>'; printf oops >&2", within=10)

    assert (ran.stdout, ran.stderr) == (b"<xml/>", b"oops")


async def test_at_most_four_channels_are_in_flight(
    host: SshHost, tmp_path: Path
) -> None:
    place = tmp_path / "running"
    place.mkdir()
    script = (
        f"mkdir {place}/$$; ls {place} | wc -l; sleep 0.2; rmdir {place}/$$"
    )

    runs = (host.run(script, within=20) for _ in range(20))
    counts = [int(ran.stdout) for ran in await asyncio.gather(*runs)]

    assert len(counts) == 20
    assert 1 < max(counts) <= 4


async def test_a_run_that_gets_no_channel_says_busy(host: SshHost) -> None:
    await host.run("true", within=10)
    slow = [
        asyncio.create_task(host.run("sleep 1.5", within=10)) for _ in range(4)
    ]
    await asyncio.sleep(0)

    with pytest.raises(CannotReach, match="4 commands run there") as caught:
        await host.run("true", within=0.2)

    assert caught.value.reason == "busy"
    assert [ran.code for ran in await asyncio.gather(*slow)] == [0] * 4


async def test_a_full_sshd_says_busy(tmp_path: Path, connect: Connect) -> None:
    with sshd(tmp_path / "sshd", "MaxSessions 1") as server:
        host = connect(server.settings)
        await host.run("true", within=10)

        runs = (host.run("sleep 0.3", within=10) for _ in range(3))
        outcomes = await asyncio.gather(*runs, return_exceptions=True)

        assert {
            outcome.reason
            for outcome in outcomes
            if isinstance(outcome, CannotReach)
        } == {"busy"}
        assert host.state == "connected"


@pytest.mark.parametrize("stream", ["1", "2"])
async def test_endless_output_is_refused_and_the_connection_kept(
    host: SshHost, server: Sshd, stream: str
) -> None:
    await host.run("true", within=10)
    before = server.sessions()

    with pytest.raises(CannotReach, match="more than") as caught:
        await host.run(f"yes overflow >&{stream}", within=20)

    assert caught.value.reason == "too_large"
    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"
    assert set(before) <= set(server.sessions())


async def test_large_output_within_the_bound_is_whole(host: SshHost) -> None:
    ran = await host.run("head -c 4000000 /dev/zero", within=20)

    assert ran.stdout == bytes(4_000_000)


async def test_a_trickle_is_cut_at_the_deadline_and_the_connection_kept(
    host: SshHost, server: Sshd
) -> None:
    await host.run("true", within=10)
    before = server.sessions()
    started = asyncio.get_running_loop().time()

    with pytest.raises(CannotReach, match="did not end") as caught:
        await host.run("while echo x; do sleep 0.05; done", within=1)

    took = asyncio.get_running_loop().time() - started
    assert caught.value.reason == "timeout"
    assert 0.9 < took < 1.5
    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"
    assert server.sessions() == before


async def test_a_child_that_hangs_does_not_hold_up_its_script(
    host: SshHost,
) -> None:
    ran = await host.run("sleep 20 & echo done", within=5)

    assert ran.stdout == b"done\n"


async def test_a_command_that_was_given_up_is_ended_on_the_host(
    host: SshHost, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"

    with pytest.raises(CannotReach):
        await host.run(f"echo $$ >{pid_file}; sleep 60; :", within=0.5)

    pid = pid_file.read_text().strip()
    assert _is_running(pid)
    await until(lambda: not _is_running(pid), within=10)


async def test_a_cancelled_run_gives_its_channel_back(host: SshHost) -> None:
    await host.run("true", within=10)
    runs = [
        asyncio.create_task(host.run("sleep 20", within=30)) for _ in range(4)
    ]
    done, _ = await asyncio.wait(runs, timeout=0.2)
    assert not done

    for run in runs:
        run.cancel()

    assert (await host.run("echo ok", within=5)).stdout == b"ok\n"


async def test_a_user_without_a_shell_is_named(
    tmp_path: Path, connect: Connect
) -> None:
    refusal = "ForceCommand echo This account is currently not available."
    with sshd(tmp_path / "sshd", refusal) as server:
        host = connect(server.settings)

        with pytest.raises(CannotReach, match="currently not") as caught:
            await host.run("true", within=10)

    assert caught.value.reason == "failed"


async def test_one_that_ends_before_it_has_read_all_says_why(
    tmp_path: Path, connect: Connect
) -> None:
    says = "ForceCommand echo this account is closed; exit 1"
    more_than_the_window_takes = "# nobody reads this\n" * 200_000
    with sshd(tmp_path / "sshd", says) as server:
        host = connect(server.settings)

        with pytest.raises(CannotReach, match="this account is closed"):
            await host.run(more_than_the_window_takes, within=10)


async def test_a_closed_host_refuses_to_run(host: SshHost) -> None:
    await host.run("true", within=10)

    await host.close()

    assert host.state == "down"
    with pytest.raises(CannotReach, match="has closed") as caught:
        await host.run("true", within=10)
    assert caught.value.reason == "closed"


async def test_closing_ends_what_is_running(host: SshHost) -> None:
    await host.run("true", within=10)
    run = asyncio.create_task(host.run("sleep 20", within=30))
    await asyncio.wait({run}, timeout=0.2)

    await host.close()

    with pytest.raises(CannotReach) as caught:
        await run
    assert caught.value.reason == "closed"
