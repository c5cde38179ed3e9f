"""The faults of the FaceFusion process: its unit, its port, its log."""

from monitor.simulator.fault import Fault

SERVER_FAULTS = (
    Fault(
        name="operator_stop",
        description="somebody has stopped FaceFusion (systemctl stop)",
    ),
    Fault(
        name="suspended",
        description="somebody has suspended FaceFusion (SIGSTOP)",
    ),
    Fault(
        name="restart",
        description="systemctl restart: the new process loads, and listens"
        " when healed",
    ),
    Fault(
        name="not_listening",
        description="the process lives, its port is closed",
    ),
    Fault(
        name="loopback_only",
        description="restarted, it listens on 127.0.0.1 only",
    ),
    Fault(
        name="port_drift",
        description="restarted, it listens on the next port",
    ),
    Fault(
        name="port_taken",
        description="restarted, it listens on the next port: another program"
        " has its own",
    ),
    Fault(
        name="crash_loop",
        description="it ends a few seconds after each start",
    ),
    Fault(
        name="model_corrupt",
        description="each start fails for a broken model file",
    ),
    Fault(
        name="dependency_missing",
        description="each start fails for want of ffmpeg",
    ),
    Fault(
        name="cuda_fault",
        description="an illegal memory access: jobs fail; healed by a restart",
    ),
    Fault(
        name="cpu_fallback",
        description="restarted without CUDA: jobs run on the CPU",
        takes="how many times as long they take",
        value=8.0,
    ),
    Fault(
        name="gpu_memory_leak",
        description="it holds more GPU memory each hour; healed by a restart",
        takes="how many MiB an hour",
        value=2000.0,
    ),
    Fault(
        name="input_refused",
        description="jobs are refused with HTTP 422: it knows their model no"
        " more",
    ),
    Fault(
        name="content_declined",
        description="its content analyser declines every image",
    ),
    Fault(
        name="video",
        description="a user's long job: the GPU works, requests wait",
    ),
    Fault(
        name="log_noise",
        description="the log fills with harmless warnings",
        takes="how many a minute",
        value=30.0,
    ),
)
"""What a row means is done in `machine/`, `jobs.py`, `worker.py` and
`broken_http.py`."""
