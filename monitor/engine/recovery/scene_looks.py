"""The looks out of schedule that an action is weighed by."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from monitor.domain.fleet import Target
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.recovery.words import Action
from monitor.engine.board import PROCESS, STATUS
from monitor.engine.evidence import CONTROL

JOBS = "jobs"
GPU, HOST = "gpu", "host"
OF_MACHINE: Mapping[Action, tuple[str, ...]] = {
    Action.RESTART: (),
    Action.FREE_GPU_MEMORY: (GPU,),
    Action.REBOOT: (GPU, HOST),
    Action.RECOVER: (GPU, HOST),
}
"""The checks of its machine that an action needs beside its own."""
Look = Callable[[CheckKey], Awaitable[Observation | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What each look showed, None for one that was not taken."""

    status: Observation | None
    process: Observation | None
    jobs: Observation | None
    control: Observation | None
    gpu: Observation | None = None
    machine: Observation | None = None


async def looks(look: Look, target: Target, action: Action) -> Looks:
    """Look at a server and what an action touches on its machine, at once."""
    of_machine = OF_MACHINE[action] if target.host else ()
    keys = (
        *(key(target.name, one) for one in (STATUS, PROCESS, JOBS)),
        CONTROL,
        *(of_host(target.host, one) for one in of_machine),
    )
    status, process, jobs, control, *rest = await asyncio.gather(
        *map(look, keys)
    )
    there = dict(zip(of_machine, rest, strict=True))
    return Looks(
        status=status,
        process=process,
        jobs=jobs,
        control=control,
        gpu=there.get(GPU),
        machine=there.get(HOST),
    )


def key(target: str, check: str) -> CheckKey:
    """Return the key of a server's check."""
    return CheckKey(kind=Kind.TARGET, subject=target, check=check)


def of_host(host: str, check: str) -> CheckKey:
    """Return the key of a machine's check."""
    return CheckKey(kind=Kind.HOST, subject=host, check=check)
