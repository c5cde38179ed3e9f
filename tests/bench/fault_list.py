"""The faults of the matrix, and what a right diagnosis calls them."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.simulator.faults import FAULTS as SIMULATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of the simulator, its number, and the cause it shall get.

    `cause` `none` is a state that is odd and healthy: any page is false.
    `note` says what a reader must know to judge the line.
    """

    cause: str
    switch: str = ""
    value: float | None = None
    note: str = ""


WELL = "none"
_ON_LOOPBACK = "a loopback address answers ping, and refuses: no host is away"
_FROM_ITSELF = "watched by 127.0.0.1, where it does listen"
_DOWN = {
    "refused": Fault(cause="process_down"),
    "process_killed": Fault(cause="process_down"),
    "oom_killed": Fault(cause="oom_killed"),
    "operator_stop": Fault(cause="stopped_by_operator", note="a warning"),
    "crash_loop": Fault(cause="crash_loop"),
    "model_corrupt": Fault(cause="model_files_corrupt"),
    "dependency_missing": Fault(cause="dependency_missing"),
    "not_listening": Fault(cause="not_listening"),
    "restart": Fault(cause="not_listening", note="a start that never ends"),
    "loopback_only": Fault(cause="network_blocked", note=_FROM_ITSELF),
    "port_drift": Fault(cause="port_drift"),
    "port_taken": Fault(cause="port_drift"),
    "rebooting": Fault(cause="process_down", note=_ON_LOOPBACK),
    "hang": Fault(cause="hung"),
    "suspended": Fault(cause="hung"),
    "error_500": Fault(cause="server_error"),
    "not_found": Fault(cause="server_error"),
    "bad_gateway": Fault(cause="server_error", note="a 502 page as HTTP 200"),
}
_ANSWERS = {
    "gpu_lost": Fault(cause="gpu_lost"),
    "xid_79": Fault(cause="gpu_lost", switch="xid", value=79),
    "nvidia_smi_hang": Fault(cause="gpu_wedged"),
    "gpu_reset_required": Fault(cause="gpu_reset_required"),
    "gpu_hardware": Fault(cause="gpu_hardware"),
    "container_gpu_lost": Fault(cause="container_gpu_lost"),
    "driver_mismatch": Fault(
        cause="driver_mismatch", note="jobs go on: a warning"
    ),
    "cuda_fault": Fault(cause="cuda_fault"),
    "out_of_memory": Fault(cause="gpu_memory_exhausted"),
    "disk_full": Fault(cause="disk_full"),
    "null_result": Fault(cause="processing_failed"),
    "blank_image": Fault(cause="invalid_output"),
    "unchanged_image": Fault(cause="invalid_output"),
    "input_refused": Fault(cause="canary_input_rejected"),
    "content_declined": Fault(cause="content_declined"),
    "thermal_throttle": Fault(cause="thermal_throttling"),
    "cpu_fallback": Fault(cause="cpu_fallback"),
    "second_user": Fault(cause="gpu_busy"),
    "host_overloaded": Fault(cause="host_overloaded"),
    "slow": Fault(cause="slow"),
    "ssh_down": Fault(cause="ssh_unavailable"),
    "cors": Fault(cause="cors_blocked"),
}
_ODD = {
    name: Fault(cause=WELL, note=f"{note}; no fault")
    for name, note in (
        ("busy", "users' jobs"),
        ("video", "a long job, requests wait"),
        ("cold", "the first job of a kind"),
        ("log_noise", "harmless warnings"),
        ("power_cap", "clocks at the power limit"),
        ("phantom_load", "100 % without a process"),
        ("mig", "utilisation N/A"),
        ("inforom", "nvidia-smi warns"),
        ("nothing", "a healthy server"),
    )
}
FAULTS: Mapping[str, Fault] = {**_DOWN, **_ANSWERS, **_ODD}
"""By the name of their line. One host is broken by each."""
LEFT_OUT = {
    "gpu_memory_leak": "shows after hours only",
    "log_error": "a line that the next canary disproves; when that runs is"
    " chance",
}
"""Faults of the simulator without a line, and why."""


def missing() -> set[str]:
    """Return the simulator's faults that have no line, and no reason."""
    return set(SIMULATED) - {switch(n)[0] for n in FAULTS} - set(LEFT_OUT)


def switch(name: str) -> tuple[str, float | None]:
    """Return the simulator's fault, and its number."""
    return FAULTS[name].switch or name, FAULTS[name].value
