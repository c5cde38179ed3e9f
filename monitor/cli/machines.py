"""The machines under the servers: asked of the daemon, and weighed."""

from typing import NamedTuple

from monitor.client import Client, Unknown
from monitor.domain.health import Health
from monitor.schemas.check import Check
from monitor.schemas.host import Host, HostInFull, Hosts
from monitor.schemas.target import TargetInFull, Targets

_MOST = 16
"""Unhealthy machines that are asked for their checks, to weigh them."""


class Fleet(NamedTuple):
    """Every server, every machine, and what the machines count for."""

    targets: Targets
    hosts: Hosts
    weights: tuple[Health, ...]


async def fleet(door: Client) -> Fleet:
    """Return what the daemon knows. Raises `ClientError`."""
    targets, hosts = await door.targets(), await door.hosts()
    weights = [h.health for h in hosts.hosts if not _sick(h)]
    sick = [host.name for host in hosts.hosts if _sick(host)]
    if sick:
        weights.append(await _worst(door, sick[:_MOST]))
    return Fleet(targets, hosts, tuple(weights))


async def server(
    door: Client, name: str
) -> tuple[TargetInFull, HostInFull | None]:
    """Return a server and its machine. Raises `ClientError`."""
    target = await door.target(name)
    return target, await _machine(door, target.host)


def weight(check: Check) -> Health:
    """Return what a machine's check counts for in an exit code.

    As with `check`, a machine that nothing could be read from makes
    nobody's server unhealthy.
    """
    unseen = check.last is None or not check.last.reading
    if unseen and check.health is Health.UNHEALTHY:
        return Health.DEGRADED
    return check.health


def _sick(host: Host) -> bool:
    return host.health is Health.UNHEALTHY


async def _worst(door: Client, names: list[str]) -> Health:
    """Return whether one of them is unhealthy by what was read there."""
    for name in names:
        machine = await _machine(door, name)
        checks = machine.checks if machine else ()
        if Health.UNHEALTHY in map(weight, checks):
            return Health.UNHEALTHY
    return Health.DEGRADED


async def _machine(door: Client, name: str | None) -> HostInFull | None:
    """Return a machine, None for one that left meanwhile."""
    if name is None:
        return None
    try:
        return await door.host(name)
    except Unknown:
        return None
