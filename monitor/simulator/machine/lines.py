"""What the kernel and FaceFusion write into their logs, in our own words.

The form is that of the real ones (facts/gpu.md §2, facts/facefusion.md
§3.5): what a reader looks for stands where it would.
"""

from collections.abc import Sequence

from monitor.simulator.machine.process import End

STARTED = "Started simulated FaceFusion."
"""What systemd writes into the log of a unit that it has started."""
ALLOCATION = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : simulated bfc_arena.cc:"
    " Failed to allocate memory for requested buffer of size 536870912"
)
NO_SPACE = (
    "OSError: [Errno 28] No space left on device:"
    " '/opt/facefusion/simulated.png'"
)
_CUDA_FAULT = (
    "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ;"
    " hostname=simulated ;"
)
_CPU_FALLBACK = (
    "[E:onnxruntime:Default, provider_bridge_ort.cc TryGetProviderInfo_CUDA]"
    " Failed to load library libonnxruntime_providers_cuda.so with error:"
    " libcublasLt.so.12: cannot open shared object file"
)
_CORRUPT = "[FACEFUSION.DOWNLOAD] deleting corrupt source for simulated_model"
_NO_FFMPEG = "[FACEFUSION.CORE] ffmpeg is not installed"
_COMPLAINTS = (_CUDA_FAULT, _CPU_FALLBACK, _CORRUPT, _NO_FFMPEG)
CUDA_FAULT, CPU_FALLBACK = 1, 2
"""Complaints by their number."""
LAST_WORDS = {
    "crash_loop": "Fatal Python error: simulated",
    "model_corrupt": _CORRUPT,
    "dependency_missing": _NO_FFMPEG,
}
"""What FaceFusion says before a start of it fails, by the fault's name."""
_NOISE = (
    "UserWarning: a simulated library will change a default some day",
    "[FACEFUSION.CORE] no source face detected",
    "DeprecationWarning: simulated argument",
    "ConnectionResetError: [Errno 104] Connection reset by peer",
)


def succeeded(seconds: float) -> str:
    """Return the line about a job that is done."""
    return (
        "[FACEFUSION.TO_IMAGE] processing to image succeeded in"
        f" {seconds:.2f} seconds"
    )


def complaint(number: int) -> str:
    """Return the line of an error, the last one for a higher number."""
    return _COMPLAINTS[min(max(number, 1), len(_COMPLAINTS)) - 1]


def noise(number: int) -> str:
    """Return one of many harmless lines."""
    return _NOISE[number % len(_NOISE)]


def unit_ended(unit: str, how: End) -> Sequence[str]:
    """Return systemd's lines about a main process that has ended."""
    status = f"{how.status}/{'KILL' if how.code == 'killed' else 'FAILURE'}"
    return (
        f"{unit}: Main process exited, code={how.code}, status={status}",
        f"{unit}: Failed with result '{how.result}'.",
    )


def xid(slot: str, number: int, pid: int) -> str:
    """Return the driver's line about an error that a process caused."""
    return (
        f"NVRM: Xid (PCI:{slot}): {number}, pid={pid}, name=python,"
        " Ch 00000010, simulated error"
    )


def fell_off(slot: str) -> str:
    """Return the driver's line about a GPU that is gone."""
    return (
        f"NVRM: Xid (PCI:{slot}): 79, pid='<unknown>', name=<unknown>,"
        " GPU has fallen off the bus of the simulated host."
    )


def gsp_timeout(slot: str, pid: int) -> str:
    """Return the driver's line about a GPU whose firmware is silent."""
    return (
        f"NVRM: Xid (PCI:{slot}): 119, pid={pid}, name=nvidia-smi,"
        " Timeout after 6s of waiting for RPC response from the simulated"
        " GSP!"
    )


def oom_kill(pid: int) -> Sequence[str]:
    """Return the kernel's lines about FaceFusion, killed for its memory."""
    why = (
        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"
        "mems_allowed=0,global_oom,task_memcg=/system.slice/"
        f"facefusion.service,task=python,pid={pid},uid=997"
    )
    who = (
        f"Out of memory: Killed process {pid} (python)"
        " total-vm:68157440kB, anon-rss:61865984kB, file-rss:2048kB,"
        " shmem-rss:0kB, UID:997 pgtables:122880kB oom_score_adj:0"
    )
    return why, who
