"""One GPU from nvidia-smi's own words, whether they came as XML or as CSV.

Each format brings a `Say`, which knows under which names it keeps a field.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from monitor.domain.gpu.reading import Gpu, GpuProcess
from monitor.domain.nvidia_smi import values

_CLOCK_EVENTS = (
    "gpu_idle",
    "applications_clocks_setting",
    "sw_power_cap",
    "hw_slowdown",
    "sync_boost",
    "sw_thermal_slowdown",
    "hw_thermal_slowdown",
    "hw_power_brake_slowdown",
    "display_clocks_setting",
)
"""In the order of NVML's bits, from 0x1 to 0x100 (facts/gpu.md, Throttle)."""


class Say(Protocol):
    """Returns what nvidia-smi says for a field, empty for no value."""

    def __call__(self, field: str, /) -> str:
        """Return the first value among the field's names in this format."""
        ...


def gpu(
    say: Say,
    *,
    index: int,
    clock_events: tuple[tuple[str, bool], ...] = (),
    ecc_errors: tuple[tuple[str, str, int], ...] = (),
    processes: tuple[GpuProcess, ...] = (),
) -> Gpu:
    """Return the GPU in base units; `say("uuid")` must be its uuid."""
    return Gpu(
        uuid=say("uuid"),
        index=index,
        minor_number=values.count(say("minor_number")),
        name=say("name"),
        pci_bus_id=say("pci_bus_id"),
        utilization_ratio=values.ratio(say("utilization")),
        memory_controller_utilization_ratio=values.ratio(
            say("memory_controller_utilization")
        ),
        encoder_utilization_ratio=values.ratio(say("encoder_utilization")),
        decoder_utilization_ratio=values.ratio(say("decoder_utilization")),
        memory_total_bytes=values.size(say("memory_total")),
        memory_reserved_bytes=values.size(say("memory_reserved")),
        memory_used_bytes=values.size(say("memory_used")),
        memory_free_bytes=values.size(say("memory_free")),
        temperature_celsius=values.celsius(say("temperature")),
        memory_temperature_celsius=values.celsius(say("memory_temperature")),
        slowdown_temperature_celsius=values.celsius(
            say("slowdown_temperature")
        ),
        tlimit_celsius=values.celsius(say("tlimit")),
        power_draw_watts=values.watts(say("power_draw")),
        power_draw_instant_watts=values.watts(say("power_draw_instant")),
        power_limit_watts=values.watts(say("power_limit")),
        fan_speed_ratio=values.ratio(say("fan_speed")),
        sm_clock_hertz=values.hertz(say("sm_clock")),
        memory_clock_hertz=values.hertz(say("memory_clock")),
        performance_state=values.performance_state(say("performance_state")),
        pcie_link_generation=values.count(say("pcie_link_generation")),
        pcie_link_width=values.lanes(say("pcie_link_width")),
        pcie_replays=values.count(say("pcie_replays")),
        mig_enabled=values.switch(say("mig")),
        recovery_action=_recovery_action(say),
        row_remap_failed=values.switch(say("row_remap_failed")),
        clock_events=clock_events,
        ecc_errors=ecc_errors,
        processes=processes,
    )


def first_value(texts: Iterable[str]) -> str:
    """Return the first text that is a value and no excuse for one."""
    return next((kept for text in texts if (kept := values.words(text))), "")


def clock_events(
    said: Iterable[tuple[str, str]],
) -> tuple[tuple[str, bool], ...]:
    """Return the known reasons among (reason, Active or Not Active)."""
    read = {reason: values.switch(text) for reason, text in said}
    found = ((reason, read.get(reason)) for reason in _CLOCK_EVENTS)
    return tuple((name, on) for name, on in found if on is not None)


def clock_events_of_mask(mask: int) -> tuple[tuple[str, bool], ...]:
    """Return the reasons of NVML's bit mask."""
    return tuple(
        (reason, bool(mask >> bit & 1))
        for bit, reason in enumerate(_CLOCK_EVENTS)
    )


def total(whole: str, parts: Sequence[str]) -> int | None:
    """Return the total, else the sum of what parts are reported."""
    if (counted := values.count(whole)) is not None:
        return counted
    known = [n for part in parts if (n := values.count(part)) is not None]
    return sum(known) if known else None


def _recovery_action(say: Say) -> str | None:
    """Return the action; drivers 535 to 565 ask for a reset by two flags."""
    if action := say("recovery_action"):
        return action
    if values.switch(say("drain_and_reset_recommended")):
        return "Drain and Reset"
    return "Reset" if values.switch(say("reset_required")) else None
