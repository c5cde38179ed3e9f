"""What the monitor may do on a machine: everything it does there, once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.config import Settings
from monitor.daemon.house import House, build
from monitor.domain.errors import CannotReach, NotConfigured
from monitor.domain.observation import Kind, Observation
from monitor.engine.check import Check
from monitor.ports import GateAnswer

WITHIN = 15.0
"""Seconds for the login and the first answer."""
_THERE = ("host", "gpu", "process", "logs", "jobs")
"""The checks that look at a machine, or at a server from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHost:
    """How we observe on a machine, and what each look there came to.

    `user` is who logs in there. `answer` is None when nobody got in;
    `because` is the error then.
    """

    user: str
    answer: GateAnswer | None = None
    because: str = ""
    looks: Sequence[Observation] = ()


async def look_at_host(settings: Settings, host: str) -> AtHost:
    """Take every look that needs the machine. Raises `NotConfigured`."""
    house = build(settings)
    try:
        machine = house.parts.machines.get(host)
        if machine is None:
            known = ", ".join(sorted(house.parts.machines)) or "none"
            raise NotConfigured(
                f"cannot find host {host!r}; configured: {known}"
            )
        found = AtHost(user=machine.settings.ssh.user)
        try:
            answer = await machine.gate.hello(within=WITHIN)
        except CannotReach as error:
            return replace(found, because=str(error))
        checks = [c for c in house.checks if _is_there(c, house, host)]
        looks = await asyncio.gather(*(c.probe.look() for c in checks))
        return replace(found, answer=answer, looks=looks)
    finally:
        await house.close()


def _is_there(check: Check, house: House, host: str) -> bool:
    if check.kind not in _THERE:
        return False
    if check.key.kind is Kind.HOST:
        return check.key.subject == host
    return house.board.targets[check.key.subject].host == host
