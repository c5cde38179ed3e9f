"""One look, and a run that did not happen."""

from pydantic import AwareDatetime, Field, JsonValue

from monitor.schemas.wire import (
    Age,
    At,
    Because,
    CheckName,
    Opinion,
    Reason,
    Wire,
)


class Observation(Wire):
    """One look and what it says on its own, before any judgement."""

    at: AwareDatetime = Field(
        description="When the look started: RFC 3339, UTC.",
        examples=["2026-11-22T16:04:24.112Z"],
    )
    age_seconds: Age
    duration_seconds: float = Field(
        description="How long the look took, in seconds.", examples=[0.012]
    )
    fresh: bool = Field(
        description=(
            "Whether this was still a fact at the `at` of the whole "
            "document; a look is one for twice its interval plus its "
            "timeout."
        )
    )
    succeeded: bool = Field(
        description="Whether the look found nothing wrong that it could name."
    )
    health: Opinion
    reason: Reason
    because: Because
    reading: dict[str, JsonValue] = Field(
        description=(
            "What was measured, also when the look failed; the names end in "
            "their unit. What was not reported is left out. status: code, "
            "version, queue_size, {resolve,connect,tls,processing,transfer}"
            "_seconds. canary: operation, model, result, duration_seconds, "
            "output_valid, benchmark_low_seconds, benchmark_high_seconds, "
            "benchmark_ratio, baseline_seconds. gpu: gpus, faults, owners, "
            "driver_version, cuda_version, attached. backend: api, online, "
            "code and the phases. network: tcp_round_trip_seconds, "
            "ping_round_trip_seconds, ping_loss_ratio, "
            "certificate_expires_at, certificate_flaw. browser: origin, "
            "allowed_origin, mixed_content, code. host: way, gate_version, "
            "python, boot_id, booted_at, uptime_seconds, "
            "clock_offset_seconds, load1, cpus, memory_{total,available}"
            "_bytes, disks, drivers (nvidia-smi processes), gpus_on_bus, "
            "driver_module, kernel (xids, oom_kills, xid_counts), gaps. "
            "process: manager, port, unit, processes, listeners, "
            "port_taken_by, cpu_ratio, gpu_shares, gaps. logs: source, "
            "lines, events, recent, counts, last_lines, skipped_bytes, "
            "rotated, first, gaps; users' file names are masked. jobs: "
            "directory, counts, started, orphans, stuck, unreadable, more, "
            "gaps. A gap is {part, what, because}: something that should be "
            "known and is not."
        ),
        examples=[{"code": 200, "processing_seconds": 0.004}],
    )


class Skip(Wire):
    """A run that was due and did not happen."""

    at: At
    age_seconds: Age
    reason: Reason
    because: Because


class Transition(Wire):
    """We changed our mind about a check."""

    check: CheckName
    at: At
    age_seconds: Age
    before: Opinion
    after: Opinion
    because: Because
