"""Readings on the wire: flat where they can be, with units in the names."""

from dataclasses import asdict

from pydantic import JsonValue

from monitor.domain.answer import Phases
from monitor.domain.backend import BackendReading
from monitor.domain.browser import BrowserReading
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Reading
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading
from monitor.schemas.wire import utc
from monitor.web.telling import host_readings, log_readings

Said = dict[str, JsonValue]


def tell(reading: Reading | None) -> Said:
    """Return what was measured; what was not reported is left out."""
    said = _tell(reading)
    return {name: value for name, value in said.items() if value is not None}


def _tell(reading: Reading | None) -> Said:
    said: Said = {}
    match reading:
        case None:
            pass
        case StatusReading():
            said = _status(reading)
        case CanaryReading():
            said = _canary(reading)
        case GpuReading():
            said = _gpus(reading)
        case BackendReading():
            said = _backend(reading)
        case NetworkReading():
            said = _network(reading)
        case BrowserReading():
            said = _browser(reading)
        case (
            MachineReading() | ServiceReading() | LogReading() | JobsReading()
        ):
            said = _on_host(reading)
    return said


def _on_host(
    reading: MachineReading | ServiceReading | LogReading | JobsReading,
) -> Said:
    match reading:
        case MachineReading():
            return host_readings.machine(reading)
        case ServiceReading():
            return host_readings.service(reading)
        case LogReading():
            return log_readings.log(reading)
        case JobsReading():
            return log_readings.jobs(reading)


def _status(reading: StatusReading) -> Said:
    return {
        "code": reading.code,
        "version": reading.version or None,
        "queue_size": reading.queue_size,
        **_phases(reading.phases),
    }


def _backend(reading: BackendReading) -> Said:
    return {
        "api": reading.api,
        "online": reading.online,
        "code": reading.code,
        **_phases(reading.phases),
    }


def _browser(reading: BrowserReading) -> Said:
    return {
        "origin": reading.origin,
        "allowed_origin": reading.allowed_origin,
        "mixed_content": reading.mixed_content,
        "code": reading.code,
    }


def _phases(phases: Phases) -> Said:
    return {
        f"{name}_seconds": None if spent is None else round(spent, 6)
        for name, spent in asdict(phases).items()
    }


def _canary(run: CanaryReading) -> Said:
    low, high = run.benchmark or (None, None)
    return {
        "operation": run.operation.value,
        "model": run.model,
        "result": run.result.value,
        "duration_seconds": run.duration,
        "output_valid": run.output_valid,
        "benchmark_low_seconds": low,
        "benchmark_high_seconds": high,
        "benchmark_ratio": run.ratio,
        "baseline_seconds": run.baseline,
    }


def _network(reading: NetworkReading) -> Said:
    certificate = reading.certificate
    return {
        "tcp_round_trip_seconds": reading.tcp_round_trip,
        "ping_round_trip_seconds": reading.ping_round_trip,
        "ping_loss_ratio": reading.ping_loss,
        "certificate_expires_at": utc(certificate.not_after).isoformat()
        if certificate
        else None,
        "certificate_flaw": certificate.flaw if certificate else None,
    }


def _gpus(reading: GpuReading) -> Said:
    return {
        "gpus": [_gpu(gpu) for gpu in reading.gpus],
        "faults": [
            {
                "fault": f.fault,
                "uuid": f.uuid,
                "pci_bus_id": f.pci_bus_id,
                "because": f.because,
                "health": f.health.value,
                "advice": f.advice,
            }
            for f in reading.faults
        ],
        "owners": [
            {"uuid": uuid, "owner": owner, "memory_bytes": held}
            for uuid, owner, held in reading.owners
        ],
        "driver_version": reading.driver_version,
        "cuda_version": reading.cuda_version,
        "attached": reading.attached,
    }


_NOT_FLAT = ("clock_events", "ecc_errors", "processes")


def _gpu(gpu: Gpu) -> Said:
    said: Said = {
        name: value
        for name, value in asdict(gpu).items()
        if name not in _NOT_FLAT and value is not None
    }
    said["clock_events"] = [why for why, active in gpu.clock_events if active]
    said["ecc_errors"] = [
        {"error": error, "scope": scope, "count": count}
        for error, scope, count in gpu.ecc_errors
    ]
    said["processes"] = [
        {
            "pid": p.pid,
            "name": _program(p.name),
            "memory_bytes": p.memory_bytes,
        }
        for p in gpu.processes
    ]
    return said


def _program(name: str) -> str:
    """Return a program's name; newer drivers give its arguments too.

    Those are private, and mostly other people's. Words in brackets say why
    there is no name.
    """
    if name.startswith("["):
        return name
    return host_readings.program(tuple(name.split()))
