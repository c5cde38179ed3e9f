"""Wires a GPU machine: its connection, its gate and what looks at it."""

from monitor.adapters.gate import RemoteGate, RemoteNvidiaSmi
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.config.sections.hosts import Host
from monitor.config.sections.ssh import Jump, Ssh
from monitor.domain.judgement import Patience
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.check import Check, Probe
from monitor.ports import Clock, Gate, NvidiaSmi, Shell
from monitor.probes.gpu import GpuProbe
from monitor.probes.host import HostProbe
from monitor.probes.host_notes import HostNotes
from monitor.probes.one_at_a_time import OneAtATime

GPU_TIMEOUT = 10.0
"""Seconds for one collection; a busy host with eight cards took 6 s
(shared facts/gpu.md §1). A collection may be longer than the interval: the
runs meanwhile are skipped and counted."""
HOST_TIMEOUT = 8.0
"""Seconds for one look at a machine; /proc answers in milliseconds, a dead
network disk not at all."""
_SLACK = 2.0
"""Seconds beyond a probe's own timeout before the watch cuts it off."""


def ssh_host(host: Host, clock: Clock) -> SshHost:
    """Return the host's connection, not yet opened."""
    return SshHost(host.name, ssh_settings(host), clock)


def ssh_settings(host: Host) -> SshSettings:
    """Return how a host is reached."""
    ssh, accept = host.ssh, f"facefusion-monitor host accept-key {host.name}"
    return SshSettings(
        address=ssh.address,
        port=ssh.port,
        user=ssh.user,
        key_file=ssh.key_file,
        known_hosts_file=ssh.known_hosts_file,
        jump=_jump(ssh, f"{accept} --jump"),
        accept=accept,
    )


def _jump(ssh: Ssh, accept: str) -> SshSettings | None:
    jump: Jump | None = ssh.jump
    if jump is None:
        return None
    return SshSettings(
        address=jump.address,
        port=jump.port,
        user=jump.user,
        key_file=jump.key_file,
        known_hosts_file=jump.known_hosts_file,
        accept=accept,
    )


def gate(shell: SshHost, clock: Clock) -> RemoteGate:
    """Return the line to a host's gate, not yet opened."""
    return RemoteGate(shell, clock)


def nvidia_smi(shell: Shell, gate: RemoteGate) -> NvidiaSmi:
    """Return nvidia-smi on a host, by whichever way there is."""
    return RemoteNvidiaSmi(shell, gate)


def gpu_check(
    host: Host, smi: NvidiaSmi, notes: HostNotes, clock: Clock
) -> Check:
    """Return the check that collects nvidia-smi from a host."""
    key = _key(host, "gpu")
    interval = host.gpu.interval
    probe = GpuProbe(
        key, smi, clock, notes, within=GPU_TIMEOUT, interval=interval
    )
    return _check(key, probe, interval, GPU_TIMEOUT)


def host_check(
    host: Host, gate: Gate, notes: HostNotes, clock: Clock
) -> Check:
    """Return the check that looks at a machine itself."""
    key = _key(host, "host")
    probe = HostProbe(
        key, gate, clock, notes, disks=host.host.disks, within=HOST_TIMEOUT
    )
    return _check(key, probe, host.host.interval, HOST_TIMEOUT)


def _key(host: Host, check: str) -> CheckKey:
    return CheckKey(kind=Kind.HOST, subject=host.name, check=check)


def _check(
    key: CheckKey, probe: Probe, interval: float, timeout: float
) -> Check:
    return Check(
        key=key,
        kind=key.check,
        probe=OneAtATime(probe),
        interval=interval,
        timeout=timeout,
        deadline=timeout + _SLACK,
        patience=Patience(),
    )
