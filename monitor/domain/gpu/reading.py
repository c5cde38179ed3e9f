"""What nvidia-smi says about a machine, in base units.

None always means "not reported": N/A, an unsupported field, a text that is
no number. A missing value is never a zero.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuProcess:
    """A process that holds GPU memory. `kind` is C, G or C+G."""

    pid: int
    name: str
    kind: str
    memory_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One GPU. Ratios are 0..1, clocks hertz, temperatures celsius.

    `uuid` keeps its `GPU-` prefix so that it greps against nvidia-smi.
    `index` is the position in nvidia-smi's output (never the minor number).
    `pci_bus_id` is as printed (8-digit domain). `clock_events` names the
    reasons that nvidia-smi knows (sw_power_cap, hw_slowdown, …) and whether
    each is active. `ecc_errors` maps (error, scope), e.g.
    ("uncorrected", "volatile"), to a count. `recovery_action` is the text
    nvidia-smi prints, such as "None" or "Reset".
    """

    uuid: str
    index: int
    minor_number: int | None = None
    name: str
    pci_bus_id: str
    utilization_ratio: float | None = None
    memory_controller_utilization_ratio: float | None = None
    encoder_utilization_ratio: float | None = None
    decoder_utilization_ratio: float | None = None
    memory_total_bytes: int | None = None
    memory_reserved_bytes: int | None = None
    memory_used_bytes: int | None = None
    memory_free_bytes: int | None = None
    temperature_celsius: float | None = None
    memory_temperature_celsius: float | None = None
    slowdown_temperature_celsius: float | None = None
    tlimit_celsius: float | None = None
    power_draw_watts: float | None = None
    power_draw_instant_watts: float | None = None
    power_limit_watts: float | None = None
    fan_speed_ratio: float | None = None
    sm_clock_hertz: float | None = None
    memory_clock_hertz: float | None = None
    performance_state: int | None = None
    pcie_link_generation: int | None = None
    pcie_link_width: int | None = None
    pcie_replays: int | None = None
    mig_enabled: bool | None = None
    recovery_action: str | None = None
    clock_events: tuple[tuple[str, bool], ...] = ()
    ecc_errors: tuple[tuple[str, str, int], ...] = ()
    processes: tuple[GpuProcess, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFault:
    """Something wrong with one GPU, or with all of a host (`uuid` empty).

    `fault` is one of DESIGN §4.6's names: gpu_lost, gpu_wedged,
    gpu_reset_required, driver_mismatch, container_gpu_lost, gpu_hardware.
    """

    fault: str
    because: str
    uuid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """One collection: healthy GPUs stay in it beside the sick ones.

    `attached` is the number of GPUs that the driver says it has.
    """

    gpus: tuple[Gpu, ...] = ()
    faults: tuple[GpuFault, ...] = ()
    driver_version: str = ""
    cuda_version: str = ""
    attached: int | None = None
