"""The causes: the table of DESIGN §4.6, deepest first.

Names of causes, and their order, are a public promise: dashboards, rules and
runbooks rely on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.health import Health


class Severity(StrEnum):
    """Critical wakes somebody, warning waits for the morning, info is told."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Remedy(StrEnum):
    """What the monitor could do itself, mildest first."""

    RESTART = "restart"
    FREE_GPU_MEMORY = "free-gpu-memory"
    REBOOT = "reboot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A row of the table.

    `may` are the remedies that the table allows, mildest first: a diagnosis
    suggests none beside them. `advice` is the first thing that people do, as
    a sentence.
    """

    word: str
    health: Health
    severity: Severity
    advice: str
    may: tuple[Remedy, ...] = ()

    @property
    def runbook(self) -> str:
        """The runbook's place in the repository, empty where nothing is."""
        return f"deploy/runbooks/{self.word}.md" if self.word != NONE else ""


NONE = "none"
"""The word for a server that nothing is wrong with."""

_UNHEALTHY, _DEGRADED = Health.UNHEALTHY, Health.DEGRADED
_UNKNOWN = Health.UNKNOWN
_CRITICAL, _WARNING, _INFO = (
    Severity.CRITICAL,
    Severity.WARNING,
    Severity.INFO,
)
_RESTART, _FREE, _REBOOT = (
    Remedy.RESTART,
    Remedy.FREE_GPU_MEMORY,
    Remedy.REBOOT,
)


def _row(
    word: str,
    health: Health,
    severity: Severity,
    advice: str,
    *may: Remedy,
) -> Cause:
    return Cause(
        word=word, health=health, severity=severity, advice=advice, may=may
    )


_TABLE = (
    _row(
        "monitor_blind",
        _UNKNOWN,
        _CRITICAL,
        "see to the monitor's own network and machine; nothing is known of"
        " the servers meanwhile",
    ),
    _row(
        "host_unreachable",
        _UNHEALTHY,
        _CRITICAL,
        "see whether the machine has power and network: console, IPMI or"
        " whoever stands next to it",
    ),
    _row(
        "disk_full",
        _UNHEALTHY,
        _CRITICAL,
        "make room on the disk that is named; a restart would fail again",
    ),
    _row(
        "gpu_lost",
        _UNHEALTHY,
        _CRITICAL,
        "reboot the machine once it is drained; check power and seating when"
        " it happens again; a restart of FaceFusion would run on the CPU",
        _REBOOT,
    ),
    _row(
        "gpu_wedged",
        _UNHEALTHY,
        _CRITICAL,
        "call no nvidia-smi there; reboot the machine once it is drained",
        _REBOOT,
    ),
    _row(
        "gpu_reset_required",
        _UNHEALTHY,
        _CRITICAL,
        "drain the machine, stop every program on the GPU and reset it"
        " (nvidia-smi -r), or reboot",
        _REBOOT,
    ),
    _row(
        "driver_mismatch",
        _UNHEALTHY,
        _CRITICAL,
        "do not restart FaceFusion: a new process cannot use the GPU; drain,"
        " then reboot or reload the driver's modules",
        _REBOOT,
    ),
    _row(
        "container_gpu_lost",
        _UNHEALTHY,
        _CRITICAL,
        "restart the container: it has lost its leave to use the GPU, which"
        " is fine on the host",
        _RESTART,
    ),
    _row(
        "gpu_hardware",
        _UNHEALTHY,
        _CRITICAL,
        "order the repair or replacement of the card; no restart heals it",
        _REBOOT,
    ),
    _row(
        "model_files_corrupt",
        _UNHEALTHY,
        _CRITICAL,
        "let FaceFusion download the model that the log names again; a"
        " restart alone would loop",
    ),
    _row(
        "dependency_missing",
        _UNHEALTHY,
        _CRITICAL,
        "install what the log names (ffmpeg, curl, a CUDA library, the GPU"
        " build of onnxruntime); a restart alone would loop",
    ),
    _row(
        "stopped_by_operator",
        _UNHEALTHY,
        _WARNING,
        "ask who stopped it and why; start it when the work is done",
    ),
    _row(
        "crash_loop",
        _UNHEALTHY,
        _CRITICAL,
        "read the log for why it ends; another restart would end the same",
    ),
    _row(
        "oom_killed",
        _UNHEALTHY,
        _CRITICAL,
        "restart it; find out what took the machine's memory",
        _RESTART,
    ),
    _row(
        "starting",
        _DEGRADED,
        _INFO,
        "wait: it is given its start_grace",
    ),
    _row(
        "process_down",
        _UNHEALTHY,
        _CRITICAL,
        "restart it, and read the log for why it ended",
        _RESTART,
    ),
    _row(
        "not_listening",
        _UNHEALTHY,
        _CRITICAL,
        "read the log (a model download that loops is usual); restart it once",
        _RESTART,
    ),
    _row(
        "port_drift",
        _UNHEALTHY,
        _CRITICAL,
        "end whatever has the configured port and restart FaceFusion, or"
        " correct the port (GRADIO_NUM_PORTS=1 prevents it)",
        _RESTART,
    ),
    _row(
        "bound_to_loopback",
        _UNHEALTHY,
        _CRITICAL,
        "let it listen on an address that clients reach"
        " (GRADIO_SERVER_NAME=0.0.0.0) or put a proxy before it",
    ),
    _row(
        "network_blocked",
        _UNHEALTHY,
        _CRITICAL,
        "check the firewalls between here and the server: it listens, and"
        " does not answer from here",
    ),
    _row(
        "tls_invalid",
        _UNHEALTHY,
        _CRITICAL,
        "renew or replace the certificate; clients refuse the connection",
    ),
    _row(
        "wrong_dialect",
        _UNKNOWN,
        _WARNING,
        "set targets[].dialect to what the server speaks",
    ),
    _row(
        "cuda_fault",
        _UNHEALTHY,
        _CRITICAL,
        "restart it: the process cannot use the GPU again after such an error",
        _RESTART,
    ),
    _row(
        "gpu_memory_exhausted",
        _UNHEALTHY,
        _CRITICAL,
        "free the GPU memory that FaceFusion's own processes hold, or"
        " restart it; see who else uses the card",
        _RESTART,
        _FREE,
    ),
    _row(
        "busy",
        _DEGRADED,
        _INFO,
        "wait: it works, and answers when it is done",
    ),
    _row(
        "hung",
        _UNHEALTHY,
        _CRITICAL,
        "restart it: it accepts connections, does not answer and does no work",
        _RESTART,
    ),
    _row(
        "queue_stuck",
        _UNHEALTHY,
        _CRITICAL,
        "restart it: jobs wait and none is worked on",
        _RESTART,
    ),
    _row(
        "server_error",
        _UNHEALTHY,
        _CRITICAL,
        "read its log and what stands before it; restart it when it lasts",
        _RESTART,
    ),
    _row(
        "canary_input_rejected",
        _UNKNOWN,
        _WARNING,
        "check the canary's settings: its files, its model, the dialect",
    ),
    _row(
        "content_declined",
        _UNKNOWN,
        _WARNING,
        "set another canaries[].input; never bypass the content analyser",
    ),
    _row(
        "processing_failed",
        _UNHEALTHY,
        _CRITICAL,
        "read the log for why jobs fail; restart it",
        _RESTART,
    ),
    _row(
        "invalid_output",
        _UNHEALTHY,
        _CRITICAL,
        "look at the output image; restart it once, then check its models",
        _RESTART,
    ),
    _row(
        "thermal_throttling",
        _DEGRADED,
        _WARNING,
        "see to the cooling of the card that is named",
    ),
    _row(
        "cpu_fallback",
        _DEGRADED,
        _WARNING,
        "check CUDA and the GPU build of onnxruntime (nvcc --version, the"
        " log), then restart it",
        _RESTART,
    ),
    _row(
        "gpu_busy",
        _DEGRADED,
        _WARNING,
        "see who else uses the card, or plan for another one",
    ),
    _row(
        "host_overloaded",
        _DEGRADED,
        _WARNING,
        "see what loads the machine's CPUs, memory or disks",
    ),
    _row(
        "slow",
        _DEGRADED,
        _WARNING,
        "compare with its history; nothing that we see explains it",
    ),
    _row(
        "gpu_memory_leak",
        _DEGRADED,
        _WARNING,
        "restart it at a quiet time: what it holds while idle only grows",
        _RESTART,
        _FREE,
    ),
    _row(
        "backend_disagrees",
        _DEGRADED,
        _WARNING,
        "check the way from the backend to the server, and the backend",
    ),
    _row(
        "mixed_content",
        _DEGRADED,
        _WARNING,
        "serve it over https, or let browsers go through the backend",
    ),
    _row(
        "cors_blocked",
        _DEGRADED,
        _WARNING,
        "let the server, or a proxy before it, send CORS headers",
    ),
    _row(
        "ssh_unavailable",
        _DEGRADED,
        _WARNING,
        "mend our way onto the machine (facefusion-monitor host check);"
        " until then nothing is known of it",
    ),
    _row(
        "unexplained",
        _DEGRADED,
        _WARNING,
        "read the evidence: no known cause fits it",
    ),
    _row(
        "no_data",
        _UNKNOWN,
        _INFO,
        "see why nothing is known: what looks at it, and the monitor's log",
    ),
)

CAUSES: Mapping[str, Cause] = {
    NONE: _row(NONE, Health.HEALTHY, _INFO, ""),
    **{cause.word: cause for cause in _TABLE},
}
"""Every cause by its word, `none` included."""
DEPTH: tuple[str, ...] = tuple(cause.word for cause in _TABLE)
"""All causes, deepest first: the one total order."""
_DEEP = {word: depth for depth, word in enumerate(DEPTH)}


def depth(word: str) -> int:
    """Return how deep a cause is: 0 is the deepest."""
    return _DEEP[word]
