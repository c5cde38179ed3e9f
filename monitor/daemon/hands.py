"""Wires the acting gate of a host: a connection of its own, for one key."""

from dataclasses import replace

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.ssh.host import SshHost
from monitor.config.sections.hosts import Host
from monitor.daemon.machines import ssh_settings
from monitor.ports import Clock


def hand(host: Host, clock: Clock) -> RemoteHand | None:
    """Return the hand on a host, None where no key may act.

    Not connected yet. Host key, address, user and jump are those of the
    connection that observes.
    """
    key_file = host.ssh.act_key_file
    if key_file is None:
        return None
    settings = replace(ssh_settings(host), key_file=key_file)

    def connect() -> SshHost:
        return SshHost(host.name, settings, clock)

    return RemoteHand(connect, f"host '{host.name}' ({settings.place})")
