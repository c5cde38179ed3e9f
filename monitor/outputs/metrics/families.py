"""Every metric of ours: its type and its help. DESIGN §3.4 is the promise.

A new metric is one row here and one line in the file that fills it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric. Counters are named here as they are scraped, `_total`."""

    kind: str
    help: str


def _gauge(text: str) -> Family:
    return Family(kind="gauge", help=text)


def _counter(text: str) -> Family:
    return Family(kind="counter", help=text)


FLEET: dict[str, Family] = {
    "facefusion_target_info": _gauge("A watched FaceFusion server."),
    "facefusion_up": _gauge(
        "1 when the last status probe succeeded; absent when too old."
    ),
    "facefusion_health": _gauge(
        "1 for the state a server is in, 0 for the others."
    ),
    "facefusion_diagnosis": _gauge(
        "1 for the cause that explains what is seen of a server."
    ),
    "facefusion_page": _gauge(
        "1 while somebody is to be told of a server; rules alert on this."
    ),
    "facefusion_cause_info": _gauge(
        "Every cause with its usual severity and its runbook."
    ),
    "facefusion_maintenance": _gauge("1 while work on it is planned."),
    "facefusion_status_code": _gauge(
        "HTTP status code of the last status probe that was answered."
    ),
    "facefusion_server_info": _gauge("What the server says it is."),
    "facefusion_queue_size": _gauge("Jobs waiting, as the server says."),
    "facefusion_tls_certificate_expiry_timestamp_seconds": _gauge(
        "Until when the certificate last seen is valid."
    ),
    "facefusion_ping_round_trip_seconds": _gauge(
        "Round trip of the last ping; absent without an answer."
    ),
    "facefusion_ping_loss_ratio": _gauge(
        "Share of the last pings without an answer."
    ),
    "facefusion_probe_success": _gauge(
        "1 when the last look found nothing wrong."
    ),
    "facefusion_probe_duration_seconds": _gauge("Length of the last look."),
    "facefusion_probe_phase_duration_seconds": _gauge(
        "Length of one phase of the last look."
    ),
    "facefusion_probe_runs_total": _counter("Looks taken."),
    "facefusion_probe_failures_total": _counter("Looks that failed."),
    "facefusion_probe_skipped_total": _counter(
        "Looks that were due and not taken."
    ),
    "facefusion_probe_last_run_timestamp_seconds": _gauge(
        "When the last look started."
    ),
    "facefusion_probe_last_success_timestamp_seconds": _gauge(
        "When the last look that succeeded started."
    ),
    "facefusion_canary_duration_seconds": Family(
        kind="histogram", help="Seconds between sending a job and its answer."
    ),
    "facefusion_canary_last_duration_seconds": _gauge(
        "Seconds between sending the last job and its answer."
    ),
    "facefusion_canary_success": _gauge(
        "1 when the last job was done and its output was not found wrong."
    ),
    "facefusion_canary_output_valid": _gauge(
        "1 when the last output image is what such a job must produce;"
        " absent when it could not be fetched."
    ),
    "facefusion_canary_last_run_timestamp_seconds": _gauge(
        "When the last run started."
    ),
    "facefusion_canary_interval_seconds": _gauge(
        "Configured time between runs."
    ),
    "facefusion_canary_runs_total": _counter("Canary runs by result."),
    "facefusion_canary_skipped_total": _counter(
        "Canary runs that were due and not taken."
    ),
    "facefusion_canary_benchmark_seconds": _gauge(
        "The RTX 3090 benchmark that the canary is compared with."
    ),
    "facefusion_canary_benchmark_ratio": _gauge(
        "Last duration divided by the benchmark's high bound."
    ),
    "facefusion_canary_baseline_seconds": _gauge(
        "What such a run usually takes here."
    ),
    "facefusion_gpu_info": _gauge("A GPU, as last identified."),
    "facefusion_gpu_utilization_ratio": _gauge("Share of time with a kernel."),
    "facefusion_gpu_memory_controller_utilization_ratio": _gauge(
        "Share of time with memory being read or written."
    ),
    "facefusion_gpu_encoder_utilization_ratio": _gauge("Video encoder."),
    "facefusion_gpu_decoder_utilization_ratio": _gauge("Video decoder."),
    "facefusion_gpu_memory_total_bytes": _gauge("Memory of the card."),
    "facefusion_gpu_memory_used_bytes": _gauge("Memory in use."),
    "facefusion_gpu_memory_free_bytes": _gauge("Memory that is free."),
    "facefusion_gpu_temperature_celsius": _gauge("Core temperature."),
    "facefusion_gpu_memory_temperature_celsius": _gauge("Memory temperature."),
    "facefusion_gpu_slowdown_temperature_celsius": _gauge(
        "Temperature at which the card slows itself down, where the driver"
        " gives it as an absolute one."
    ),
    "facefusion_gpu_power_draw_watts": _gauge("Power draw."),
    "facefusion_gpu_power_limit_watts": _gauge("Power limit in force."),
    "facefusion_gpu_fan_speed_ratio": _gauge("Intended fan speed."),
    "facefusion_gpu_sm_clock_hertz": _gauge("Clock of the multiprocessors."),
    "facefusion_gpu_memory_clock_hertz": _gauge("Clock of the memory."),
    "facefusion_gpu_performance_state": _gauge("0 (P0, fastest) to 15 (P15)."),
    "facefusion_gpu_pcie_link_generation": _gauge("Current PCIe generation."),
    "facefusion_gpu_pcie_link_width": _gauge("Current PCIe lanes."),
    "facefusion_gpu_pcie_replays_total": _counter("PCIe replays."),
    "facefusion_gpu_recovery_action": _gauge(
        "What the driver asks for: 0 none, 1 GPU reset, 2 node reboot,"
        " 3 drain P2P, 4 drain and reset, 5 recover IMEX domain,"
        " 6 bus reset, 7 system reboot."
    ),
    "facefusion_gpu_ecc_errors_total": _counter("ECC errors."),
    "facefusion_gpu_clock_event_active": _gauge(
        "1 while the clocks are held back for this reason."
    ),
    "facefusion_gpu_fault": _gauge(
        "1 while the fault holds; no uuid: all GPUs of the host."
    ),
    "facefusion_gpu_process_memory_bytes": _gauge(
        "Memory that processes hold, by the server they belong to or other."
    ),
    "facefusion_gpu_xid_errors_total": _counter(
        "Errors that the driver told the kernel; no uuid: not identified."
    ),
    "facefusion_host_boot_time_seconds": _gauge(
        "When the machine booted, by the monitor's clock."
    ),
    "facefusion_host_load1": _gauge("Load of the last minute."),
    "facefusion_host_cpus": _gauge("Processors that are online."),
    "facefusion_host_memory_total_bytes": _gauge("Memory of the machine."),
    "facefusion_host_memory_available_bytes": _gauge(
        "Memory that programs could still get."
    ),
    "facefusion_host_disk_total_bytes": _gauge(
        "Size of the file system that the path is on."
    ),
    "facefusion_host_disk_free_bytes": _gauge(
        "Room on it for an ordinary user."
    ),
    "facefusion_process_running": _gauge(
        "1 while a process serves, 0 when none does; absent when that"
        " cannot be told."
    ),
    "facefusion_process_start_time_seconds": _gauge(
        "When the process that serves started, by the monitor's clock."
    ),
    "facefusion_process_resident_memory_bytes": _gauge(
        "Memory that the process that serves has in RAM."
    ),
    "facefusion_process_cpu_seconds_total": _counter(
        "CPU time of the process that serves; begins anew with it."
    ),
    "facefusion_log_events_total": _counter(
        "Lines of the server's log that mean something, by kind."
    ),
    "facefusion_jobs": _gauge("Files in the jobs folder by status."),
}
"""What is written of the fleet, from lines rendered as facts change."""

RECOVERY: dict[str, Family] = {
    "facefusion_changes_total": _counter(
        "Requests to do something to a server, by how they ended."
    ),
    "facefusion_change_duration_seconds": Family(
        kind="histogram",
        help="Seconds from a change's intent to its outcome: done and proven.",
    ),
    "facefusion_change_in_progress": _gauge(
        "Changes of a server that are under way; what waits for an approval"
        " is not."
    ),
    "facefusion_plans_awaiting_approval": _gauge(
        "Plans for a server that wait for another person's word."
    ),
    "facefusion_recovery_budget_remaining": _gauge(
        "How many times an action may still be done within its window."
    ),
    "facefusion_recovery_breaker_open": _gauge(
        "1 while nothing more is done to a server until somebody looks."
    ),
}
"""What was done to servers and what may be, from lines of its own book."""

OWN: dict[str, Family] = {
    "facefusion_monitor_alerts_received_total": _counter(
        "Alerts received from Alertmanager, by what came of them."
    ),
    "facefusion_monitor_blind": _gauge(
        "1 while it is us: the control addresses fail, our event loop is"
        " late by seconds, or our state cannot be written."
    ),
    "facefusion_monitor_build_info": _gauge("The version that runs."),
    "facefusion_monitor_config_last_reload_successful": _gauge(
        "1 when the last configuration was accepted."
    ),
    "facefusion_monitor_config_last_reload_success_timestamp_seconds": _gauge(
        "When a configuration was last accepted."
    ),
    "facefusion_monitor_ssh_connections": _gauge(
        "Hosts by the state of their SSH connection."
    ),
    "facefusion_monitor_owned_targets": _gauge(
        "Targets that this monitor looks at."
    ),
    "facefusion_monitor_loop_lag_seconds": _gauge(
        "How late the event loop woke up at worst of late."
    ),
    "facefusion_monitor_missed_runs_total": _counter(
        "Scheduled runs lost because the monitor was held up."
    ),
    "facefusion_monitor_schedule_lag_seconds": Family(
        kind="histogram", help="How late scheduled runs began."
    ),
}
"""What the monitor says of itself: rendered by prometheus_client."""

FAMILIES = FLEET | RECOVERY | OWN
