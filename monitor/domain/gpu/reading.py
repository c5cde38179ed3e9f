"""What nvidia-smi says about a machine, in base units.

None always means "not reported": N/A, an unsupported field, a text that is
no number. A missing value is never a zero.
"""

from dataclasses import dataclass

from monitor.domain.gpu.recovery_action import recovery_action_code
from monitor.domain.health import Health


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
    `pci_bus_id` is as printed (8-digit domain). A fan may report a little
    over 1. `slowdown_temperature_celsius` is absolute; `tlimit_celsius` is
    the headroom that newer cards report instead, never comparable with it.
    `clock_events` names the reasons that nvidia-smi knows (sw_power_cap,
    hw_slowdown, …) and whether each is active. `ecc_errors` maps (error,
    scope), e.g. ("uncorrected", "volatile"), to a count. `recovery_action`
    is the text nvidia-smi prints, such as "None" or "Reset".
    `row_remap_failed` is NVIDIA's criterion for replacing the card.
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
    row_remap_failed: bool | None = None
    clock_events: tuple[tuple[str, bool], ...] = ()
    ecc_errors: tuple[tuple[str, str, int], ...] = ()
    processes: tuple[GpuProcess, ...] = ()

    @property
    def recovery_action_code(self) -> int | None:
        """NVML's number of the recovery action, None for no known one."""
        return recovery_action_code(self.recovery_action)


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFault:
    """Something wrong with one GPU, or with all of a host (`uuid` empty).

    `fault` is one of DESIGN §4.6's names: gpu_lost, gpu_wedged,
    gpu_reset_required, driver_mismatch, container_gpu_lost, gpu_hardware.
    `pci_bus_id` is as nvidia-smi printed it, empty where it named none.
    `health` is what is left of the GPU: degraded still works. `advice` is
    one word for what helps (`gpu.advice`), empty where nothing is known.
    """

    fault: str
    because: str
    uuid: str = ""
    pci_bus_id: str = ""
    health: Health = Health.UNHEALTHY
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """One collection: healthy GPUs stay in it beside the sick ones.

    `attached` is the number of GPUs that the driver says it has. `owners`
    maps (uuid, a target's name or "other") to bytes of GPU memory; empty
    where processes could not be told apart.
    """

    gpus: tuple[Gpu, ...] = ()
    faults: tuple[GpuFault, ...] = ()
    driver_version: str = ""
    cuda_version: str = ""
    attached: int | None = None
    owners: tuple[tuple[str, str, int], ...] = ()
