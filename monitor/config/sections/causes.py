"""The causes that a diagnosis can name (DESIGN §4.6).

They stand here word by word, for types and the JSON Schema; a test holds
them to the domain's table.
"""

from typing import Literal

Cause = Literal[
    "monitor_blind",
    "host_unreachable",
    "disk_full",
    "gpu_lost",
    "gpu_wedged",
    "gpu_reset_required",
    "driver_mismatch",
    "container_gpu_lost",
    "gpu_hardware",
    "model_files_corrupt",
    "dependency_missing",
    "stopped_by_operator",
    "crash_loop",
    "oom_killed",
    "starting",
    "process_down",
    "not_listening",
    "port_drift",
    "bound_to_loopback",
    "network_blocked",
    "tls_invalid",
    "wrong_dialect",
    "cuda_fault",
    "gpu_memory_exhausted",
    "busy",
    "hung",
    "queue_stuck",
    "server_error",
    "canary_input_rejected",
    "content_declined",
    "processing_failed",
    "invalid_output",
    "thermal_throttling",
    "cpu_fallback",
    "gpu_busy",
    "host_overloaded",
    "slow",
    "gpu_memory_leak",
    "backend_disagrees",
    "mixed_content",
    "cors_blocked",
    "ssh_unavailable",
    "unexplained",
    "no_data",
]
