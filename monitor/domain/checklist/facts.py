"""What a look has to tell beside its sentence."""

from monitor.domain.checklist.cards import gpu_facts
from monitor.domain.checklist.service import (
    jobs_facts,
    log_facts,
    service_facts,
)
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading


def facts_of(seen: Observation) -> tuple[str, ...]:
    """Return the facts of a look; most need none."""
    match seen.reading:
        case ServiceReading() as service:
            return tuple(service_facts(service))
        case LogReading() as log:
            return tuple(log_facts(log))
        case JobsReading() as jobs:
            return tuple(jobs_facts(jobs))
        case GpuReading() as gpus:
            return tuple(gpu_facts(gpus))
        case _:
            return ()
