"""Channels that are open before the first of them is used."""

from pathlib import Path

import paramiko

from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import Visitor


def test_the_last_of_several_channels_may_be_used_first(
    studio: SimulatedHost, visitor: Visitor, tmp_path: Path
) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"{studio.host_key_line}\n")
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(known))
        client.connect(
            studio.ssh_address,
            studio.ssh_port,
            "ffmon",
            key_filename=str(visitor.key),
            look_for_keys=False,
            allow_agent=False,
        )
        transport = client.get_transport()
        assert transport is not None
        opened = [transport.open_session(timeout=5) for _ in range(4)]

        for channel in reversed(opened):
            channel.exec_command("exit 7")

        codes = [channel.recv_exit_status() for channel in opened]

    assert codes == [7, 7, 7, 7]
