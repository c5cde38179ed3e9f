"""Records a machine's host key when its fingerprint is the one given."""

from monitor.adapters.ssh.host_keys import HostKey, shown_keys
from monitor.adapters.ssh.record_key import Recorded, record
from monitor.adapters.ssh.settings import SshSettings
from monitor.config import Settings
from monitor.config.sections.hosts import Host
from monitor.daemon.machines import ssh_settings
from monitor.domain.errors import MonitorError, NotConfigured

WITHIN = 10.0
"""Seconds for each of the keys that a machine shows."""


class NotTheKey(MonitorError):
    """A machine does not show the key that somebody read on it."""


def accept_key(
    settings: Settings, host: str, fingerprint: str, *, jump: bool
) -> tuple[Recorded, HostKey, SshSettings]:
    """Record the key of a host, or of its jump host. Blocks.

    Returns what became of it, the key, and the machine it belongs to.
    Raises `NotConfigured`, `CannotReach`, `NotTheKey` and `NotRecorded`;
    then nothing was written.
    """
    machine = _machine(host_of(settings, host), jump=jump)
    shown: list[HostKey] = []
    for key in shown_keys(host, machine, WITHIN):
        shown.append(key)
        if key.fingerprint == fingerprint:
            return record(key, machine, host), key, machine
    keys = ", ".join(f"{key.kind} {key.fingerprint}" for key in shown)
    raise NotTheKey(
        f"cannot accept {fingerprint} for {machine.place}: it shows {keys};"
        " read the fingerprint on the machine itself, with `ssh-keygen -lf"
        " /etc/ssh/ssh_host_ed25519_key.pub`; if it differs from these,"
        " somebody is in between: record nothing"
    )


def host_of(settings: Settings, name: str) -> Host:
    """Return a configured host. Raises `NotConfigured`."""
    found = {host.name: host for host in settings.hosts}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise NotConfigured(f"cannot find host {name!r}; configured: {known}")
    return found[name]


def _machine(host: Host, *, jump: bool) -> SshSettings:
    settings = ssh_settings(host)
    if not jump:
        return settings
    if settings.jump is None:
        raise NotConfigured(
            f"cannot accept a key of the jump host of {host.name}: it has"
            " none; leave out --jump"
        )
    return settings.jump
