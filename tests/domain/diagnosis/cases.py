"""Cases to diagnose: a healthy server with a host, and what is changed.

`well()` is the healthy one; with `look("status", UNHEALTHY, reason="timeout")`
it is the same with another status, `without=("network",)` without a check.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from monitor.domain.answer import Phases
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.memory import NOTHING, Memory
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.reader import Through, read_machine
from monitor.domain.machine.reading import MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.service.reader import read_service
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading
from tests.domain import machine_parts, service_parts
from tests.domain.machine_parts import AT, BOOT, GIB

NOW = AT
"""Unix time of every case, by our clock and by the host's."""
SINCE = NOW - 3000.0
"""Since when all is well."""
HEALTHY, DEGRADED = Health.HEALTHY, Health.DEGRADED
UNHEALTHY, UNKNOWN = Health.UNHEALTHY, Health.UNKNOWN

TARGET = Target(
    name="studio",
    url="http://192.168.1.10:9002",
    dialect="rest",
    host="gpu1",
    manager="systemd",
)
ALONE = Target(name="studio", url="http://192.168.1.10:9002", dialect="rest")
"""A server of whose machine nothing is known."""
GPU = Gpu(
    uuid="GPU-1",
    index=0,
    name="NVIDIA GeForce RTX 3090",
    pci_bus_id="00000000:01:00.0",
    utilization_ratio=0.0,
    memory_total_bytes=24 * GIB,
    memory_used_bytes=3 * GIB,
    memory_free_bytes=21 * GIB,
    temperature_celsius=45.0,
    processes=(
        GpuProcess(pid=812, name="python", kind="C", memory_bytes=2 * GIB),
    ),
)


def machine_reading(
    *,
    clock: float = 0.0,
    disks: Collection[object] = (),
    kernel: KernelReading | None = None,
    **fields: object,
) -> MachineReading:
    """Read a machine with these fields of the gate's part changed.

    `clock` is how many seconds its clock is ahead of ours.
    """
    shown = list(disks) or [machine_parts.disk()]
    part = machine_parts.machine(**{"drivers": [], **fields})
    told = Answered(
        machine_parts.answer(
            at=NOW + clock, machine=part, disks={"disks": shown}
        )
    )
    through = Through(at=NOW, way="installed")
    known = kernel or KernelReading(source="kmsg", cursor="1", boot_id=BOOT)
    return read_machine(told, through, disks=("/",), kernel=known)


def service_reading(**fields: object) -> ServiceReading:
    """Read a service with these fields of the gate's part changed."""
    part = service_parts.service(**fields)
    told = Answered(machine_parts.answer(service=part))
    return read_service(told, service_parts.ASKED)


RAN = CanaryReading(
    canary="enhance-gfpgan_1.4",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    result=Result.OK,
    duration=1.5,
    output_valid=True,
    benchmark=(1.0, 2.0),
    ratio=0.75,
    gpu=GPU.name,
)
"""An ok run of the enhance canary; `dataclasses.replace` makes others."""
READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "status": StatusReading(
            dialect="rest",
            code=200,
            phases=Phases(resolve=0.0, connect=0.001, processing=0.01),
            version="3.5.0",
            queue_size=0,
        ),
        "network": NetworkReading(
            tcp_round_trip=0.001, ping_round_trip=0.001, ping_loss=0.0
        ),
        "process": service_reading(),
        "logs": LogReading(source="journal", cursor="1"),
        "jobs": JobsReading(
            directory="/opt/facefusion/.jobs",
            counts=(
                ("drafted", 0),
                ("queued", 0),
                ("completed", 12),
                ("failed", 0),
            ),
        ),
        "host": machine_reading(),
        "gpu": GpuReading(
            gpus=(GPU,),
            driver_version="535.161.07",
            attached=1,
            owners=(("GPU-1", "studio", 2 * GIB),),
        ),
        "canary.enhance-gfpgan_1.4": RAN,
    }
)
"""What a look at each check reads while all is well."""
CANARY = "canary.enhance-gfpgan_1.4"
OF_HOST = ("host", "gpu")


def key(check: str) -> CheckKey:
    """Name a check of the server, of its machine or of ourselves."""
    if check in OF_HOST:
        return CheckKey(kind=Kind.HOST, subject="gpu1", check=check)
    if check == "control":
        return CheckKey(kind=Kind.MONITOR, subject="monitor", check=check)
    return CheckKey(kind=Kind.TARGET, subject="studio", check=check)


def seen(  # noqa: PLR0913 - a builder: each has a default
    check: str,
    health: Health = HEALTHY,
    *,
    reason: str = "",
    because: str = "",
    reading: Reading | None = None,
    at: float = NOW - 1,
    duration: float = 0.1,
) -> Observation:
    """Return one look; a healthy one reads what is usual."""
    usual = READINGS.get(check) if health is HEALTHY else None
    return Observation(
        key=key(check),
        probe=check.partition(".")[0],
        at=at,
        duration=duration,
        health=health,
        because=because or f"{check} says {reason or 'that all is well'}",
        reason=reason,
        reading=reading or usual,
    )


def look(  # noqa: PLR0913 - a builder: each has a default
    check: str,
    health: Health = HEALTHY,
    *,
    reason: str = "",
    because: str = "",
    reading: Reading | None = None,
    probe: str = "",
    at: float = NOW - 1,
    since: float = SINCE,
    last: Observation | None = None,
    last_success: float | None = None,
    flapping: bool = False,
) -> Look:
    """Return a check whose opinion and whose last look say the same.

    `last` is a newer look that says something else than the opinion.
    """
    grounds = seen(
        check, health, reason=reason, because=because, reading=reading, at=at
    )
    told = at if health is HEALTHY else None
    return Look(
        key=grounds.key,
        probe=probe or grounds.probe,
        health=health,
        seen=last or grounds,
        grounds=grounds,
        since=since,
        last_success=told if last_success is None else last_success,
        flapping=flapping,
    )


def stale(check: str) -> Look:
    """Return a check of which nothing fresh is known."""
    return Look(key=key(check), probe=check.partition(".")[0])


def case(
    *looks: Look,
    target: Target = TARGET,
    now: float = NOW,
    memory: Memory = NOTHING,
    loop_lag: float = 0.0,
) -> Case:
    """Return a case of these looks and nothing else."""
    kinds: dict[Kind, dict[str, Look]] = {kind: {} for kind in Kind}
    for one in looks:
        kinds[one.key.kind][one.key.check] = one
    return Case(
        now=now,
        target=target,
        looks=kinds[Kind.TARGET],
        host=kinds[Kind.HOST],
        control=kinds[Kind.MONITOR].get("control"),
        memory=memory,
        loop_lag=loop_lag,
    )


def well(
    *changed: Look,
    without: Collection[str] = (),
    target: Target = TARGET,
    now: float = NOW,
    memory: Memory = NOTHING,
    loop_lag: float = 0.0,
) -> Case:
    """Return a healthy server with a host, but for what is `changed`."""
    looks = {name: look(name) for name in READINGS}
    looks |= {one.key.check: one for one in changed}
    return case(
        *(one for name, one in looks.items() if name not in without),
        target=target,
        now=now,
        memory=memory,
        loop_lag=loop_lag,
    )
