"""Wires the acting gate of a host: a connection of its own for each key."""

from dataclasses import replace

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.ssh.host import SshHost
from monitor.config.sections.hosts import Host
from monitor.daemon.machines import ssh_settings
from monitor.domain.recovery.words import Action
from monitor.ports import Clock

REBOOTS = "reboot"
ACTS = "act"


def key_of(action: Action) -> str:
    """Return which key an action needs: a machine goes down by its own."""
    return REBOOTS if action is Action.REBOOT else ACTS


def hand(host: Host, clock: Clock, key: str = ACTS) -> RemoteHand | None:
    """Return the hand that a key of a host opens, None without that key.

    Not connected yet. Host key, address, user and jump are those of the
    connection that observes.
    """
    ssh = host.ssh
    key_file = ssh.reboot_key_file if key == REBOOTS else ssh.act_key_file
    if key_file is None:
        return None
    settings = replace(ssh_settings(host), key_file=key_file)

    def connect() -> SshHost:
        return SshHost(host.name, settings, clock)

    return RemoteHand(
        connect, f"host '{host.name}' ({settings.place})", role=key
    )


def why_no_hand(host: str, action: Action = Action.RESTART) -> str:
    """Return what would let an action be done on a machine, a sentence."""
    setting = f"{key_of(action)}_key_file"
    verb = "reboot" if action is Action.REBOOT else "act on"
    return (
        f"no key may {verb} {host}: set hosts[].ssh.{setting}, then"
        f" `facefusion-monitor host install {host}`"
    )
