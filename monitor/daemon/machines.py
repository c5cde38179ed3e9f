"""Wires a GPU machine: its SSH connection and its GPU check."""

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.config.sections.hosts import Host
from monitor.config.sections.ssh import Jump, Ssh
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check
from monitor.ports import Clock
from monitor.probes.gpu import GpuProbe

GPU_TIMEOUT = 10.0
"""Seconds for one collection; a busy host with eight cards took 6 s
(shared facts/gpu.md §1). A collection may be longer than the interval: the
runs meanwhile are skipped and counted."""
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""


def ssh_host(host: Host, clock: Clock) -> SshHost:
    """Return the host's connection, not yet opened."""
    ssh = host.ssh
    return SshHost(
        host.name,
        SshSettings(
            address=ssh.address,
            port=ssh.port,
            user=ssh.user,
            key_file=ssh.key_file,
            known_hosts_file=ssh.known_hosts_file,
            jump=_jump(ssh),
        ),
        clock,
    )


def _jump(ssh: Ssh) -> SshSettings | None:
    jump: Jump | None = ssh.jump
    if jump is None:
        return None
    return SshSettings(
        address=jump.address,
        port=jump.port,
        user=jump.user,
        key_file=jump.key_file,
        known_hosts_file=jump.known_hosts_file,
    )


def gpu_check(host: Host, shell: SshHost, clock: Clock) -> Check:
    """Return the check that collects nvidia-smi from a host."""
    key = CheckKey(kind=Kind.HOST, subject=host.name, check="gpu")
    return Check(
        key=key,
        kind="gpu",
        probe=GpuProbe(key, shell, clock, within=GPU_TIMEOUT),
        interval=host.gpu.interval,
        timeout=GPU_TIMEOUT,
        deadline=GPU_TIMEOUT + _SLACK,
        patience=Patience(),
    )
