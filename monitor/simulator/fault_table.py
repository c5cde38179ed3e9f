"""The faults that can be switched on while a simulated host runs.

One row a fault; `server_faults.py` and `machine_faults.py` have those that
show on the machine. What a row means is done where it bites: `broken_http.py`
(answers), `cors.py` (browsers), `jobs.py` (time), `worker.py` (images),
`host.py` (doors), `nvidia_smi/` (GPUs), `machine/effects.py` (kernel,
process, logs, disks).
"""

from monitor.simulator.fault import Fault
from monitor.simulator.machine_faults import MACHINE_FAULTS
from monitor.simulator.server_faults import SERVER_FAULTS

FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            name="refused",
            description="FaceFusion has crashed: its HTTP port is closed",
        ),
        Fault(
            name="hang",
            description="HTTP connections are accepted, never answered",
        ),
        Fault(
            name="slow",
            description="every job takes longer",
            takes="how many times as long",
            value=4.0,
        ),
        Fault(
            name="cold",
            description="the first job of a kind since a start loads a model",
            takes="how many seconds longer that takes",
            value=3.0,
        ),
        Fault(
            name="busy",
            description="users' jobs wait in the queue and load the GPU",
            takes="how many wait",
            value=3.0,
        ),
        Fault(
            name="error_500",
            description="every request is answered with HTTP 500",
        ),
        Fault(
            name="null_result",
            description="jobs answer 200 with a null output_path",
        ),
        Fault(
            name="unchanged_image",
            description="jobs return their input image as it was",
        ),
        Fault(
            name="blank_image",
            description="jobs return a black image of the right size",
        ),
        Fault(
            name="not_found",
            description="every path is answered with HTTP 404",
        ),
        Fault(
            name="bad_gateway",
            description="a proxy's 502 page is served as HTTP 200",
        ),
        Fault(
            name="cors",
            description="browsers get no leave to call from another origin",
        ),
        Fault(
            name="ssh_down",
            description="the SSH port is closed, connections are dropped",
        ),
        Fault(
            name="gpu_lost",
            description="one GPU has fallen off the bus",
            takes="its index (the last GPU when there are fewer)",
            value=1.0,
        ),
        Fault(
            name="nvidia_smi_hang",
            description="nvidia-smi waits in the driver, never returns",
        ),
        Fault(
            name="driver_mismatch",
            description="the driver was upgraded under its users; jobs go on",
        ),
        Fault(
            name="container_gpu_lost",
            description="nvidia-smi has lost its leave to use the GPUs",
        ),
        Fault(
            name="thermal_throttle",
            description="the first GPU is too hot and slows itself down",
            takes="how many times as long jobs take",
            value=3.0,
        ),
        Fault(
            name="out_of_memory",
            description="GPU memory is full: jobs fail; healed by a restart",
        ),
        Fault(
            name="xid",
            description="the kernel logs an error of a GPU; 79 also loses"
            " one, 119 also hangs nvidia-smi; healed by a reboot if need be",
            takes="the error's number",
            value=31.0,
        ),
        Fault(
            name="process_killed",
            description="somebody has killed FaceFusion with SIGKILL",
        ),
        Fault(
            name="oom_killed",
            description="the kernel has killed FaceFusion to get memory back",
        ),
        Fault(
            name="disk_full",
            description="FaceFusion's disk is full: jobs fail; healed by a"
            " restart",
        ),
        Fault(
            name="log_error",
            description="FaceFusion's log shows an error; healed by a restart",
            takes="which: 1 CUDA, 2 fallback to CPU, 3 corrupt model,"
            " 4 ffmpeg missing",
            value=1.0,
        ),
        Fault(
            name="rebooting",
            description="the machine is down; healed, it has booted anew",
        ),
        *SERVER_FAULTS,
        *MACHINE_FAULTS,
    )
}
