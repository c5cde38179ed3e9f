"""nvidia-smi through an installed gate, and by the script elsewhere."""

from pathlib import Path

import pytest

from monitor.adapters.gate.nvidia import RemoteNvidiaSmi
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.gates import WITHIN, force, gate_on, install
from tests.hosts.sshd import Sshd

XML = "<nvidia_smi_log><attached_gpus>1</attached_gpus></nvidia_smi_log>"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory with an nvidia-smi that says who started it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    tool = folder / "nvidia-smi"
    tool.write_text(
        f"#!/bin/sh\necho '{XML}'\necho who: $(basename $0) >&2\nexit 14\n"
    )
    tool.chmod(0o755)
    return folder


async def test_an_installed_gate_runs_it(
    host: SshHost, server: Sshd, clock: FakeClock, tools: Path
) -> None:
    install(server, before=f"PATH={tools}:/usr/bin:/bin")
    async with gate_on(host, clock) as gate:
        smi = RemoteNvidiaSmi(host, gate)

        ran = await smi.collect(within=WITHIN)

    assert ran.code == 14
    assert XML in ran.stdout.decode()
    assert b"who: nvidia-smi" in ran.stderr


async def test_a_missing_nvidia_smi_is_told_alike_by_an_installed_gate(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    install(server)
    async with gate_on(host, clock) as gate:
        ran = await RemoteNvidiaSmi(host, gate).collect(within=WITHIN)

    assert ran.code == 127


async def test_without_a_gate_the_script_runs_it(
    host: SshHost, clock: FakeClock
) -> None:
    async with gate_on(host, clock, pythons=()) as gate:
        ran = await RemoteNvidiaSmi(host, gate).collect(within=WITHIN)

    assert ran.code == 127


async def test_a_gate_that_does_not_start_loses_no_look(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    force(
        server,
        'case \\"$SSH_ORIGINAL_COMMAND\\" in *timeout*) '
        'eval \\"$SSH_ORIGINAL_COMMAND\\";; *) exit 1;; esac',
    )
    async with gate_on(host, clock) as gate:
        ran = await RemoteNvidiaSmi(host, gate).collect(within=WITHIN)

    assert ran.code == 127


async def test_a_host_that_is_gone_cannot_be_reached_either_way(
    host: SshHost, server: Sshd, clock: FakeClock
) -> None:
    (server.directory / "authorized_keys").write_text("")
    async with gate_on(host, clock) as gate:
        with pytest.raises(CannotReach) as caught:
            await RemoteNvidiaSmi(host, gate).collect(within=WITHIN)

    assert caught.value.reason == "auth"
