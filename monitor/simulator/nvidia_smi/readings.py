"""The parts of a GPU's XML that say how it is at the moment."""

from functools import lru_cache

from monitor.simulator.nvidia_smi.card import (
    MEMORY_MIB,
    POWER_LIMIT,
    RESERVED_MIB,
    Vitals,
)
from monitor.simulator.nvidia_smi.xml import Node, na

GONE = "Requested functionality has been deprecated"
_CLOCKS = {9751: 2100, 9501: 2100, 5001: 2100, 810: 2100, 405: 420}
"""Graphics clock up to which each memory clock goes, both in MHz."""
_STEP = 15
_LOWEST = 210
_POWER_CAP = 345.0
_COUNTED = (
    "sw_power_cap",
    "sync_boost",
    "sw_therm_slowdown",
    "hw_therm_slowdown",
    "hw_power_brake",
)
_THERMAL = {"sw_therm_slowdown", "hw_therm_slowdown"}
_IDLE_UNITS = ("encoder", "decoder", "jpeg", "ofa")
_ECC = ("sram_correctable", "dram_correctable", "dram_uncorrectable")
_REMAPPED: tuple[Node, ...] = (
    ("remapped_row_corr", "0"),
    ("remapped_row_unc", "9"),
    ("remapped_row_pending", "No"),
    ("remapped_row_failure", "Yes"),
)
_LIMITS = ("current", "requested", "default")
_DRAWS = ("average_power_draw", "instant_power_draw")


def clock_events(vitals: Vitals) -> list[Node]:
    """Return what holds the clocks back."""
    active = {
        "gpu_idle": vitals.is_idle,
        "applications_clocks_setting": False,
        "sw_power_cap": vitals.watts > _POWER_CAP
        or "power_cap" in vitals.oddities,
        "hw_slowdown": vitals.is_hot,
        "hw_thermal_slowdown": vitals.is_hot,
        "hw_power_brake_slowdown": False,
        "sync_boost": False,
        "sw_thermal_slowdown": vitals.is_hot,
        "display_clocks_setting": False,
    }
    return [
        (
            "clocks_event_reasons",
            [
                (f"clocks_event_reason_{name}", _active(is_on=is_on))
                for name, is_on in active.items()
            ],
        ),
        (
            "clocks_event_reasons_counters",
            [
                (f"clocks_event_reasons_counters_{name}", _held(name, vitals))
                for name in _COUNTED
            ],
        ),
    ]


def _held(name: str, vitals: Vitals) -> str:
    seconds = vitals.hot_seconds if name in _THERMAL else 0.0
    return f"{seconds * 1e6:.0f} us"


def _active(*, is_on: bool) -> str:
    return "Active" if is_on else "Not Active"


def memory(vitals: Vitals) -> list[Node]:
    """Return the three kinds of memory."""
    free = MEMORY_MIB - RESERVED_MIB - vitals.used
    return [
        (
            "fb_memory_usage",
            [
                ("total", f"{MEMORY_MIB} MiB"),
                ("reserved", f"{RESERVED_MIB} MiB"),
                ("used", f"{vitals.used} MiB"),
                ("free", f"{free} MiB"),
            ],
        ),
        (
            "bar1_memory_usage",
            [("total", "256 MiB"), ("used", "5 MiB"), ("free", "251 MiB")],
        ),
        (
            "cc_protected_memory_usage",
            [(name, "0 MiB") for name in ("total", "used", "free")],
        ),
    ]


def utilization(vitals: Vitals) -> Node:
    """Return how busy each unit is; a card in parts does not know."""
    if "mig" in vitals.oddities:
        units = ("gpu", "memory", *_IDLE_UNITS)
        return ("utilization", na(*(f"{unit}_util" for unit in units)))
    return (
        "utilization",
        [
            ("gpu_util", f"{vitals.utilization} %"),
            ("memory_util", f"{vitals.memory_utilization} %"),
            *((f"{unit}_util", "0 %") for unit in _IDLE_UNITS),
        ],
    )


def errors(vitals: Vitals) -> list[Node]:
    """Return the error counters, of which this card has next to none."""
    remapped: list[Node] = na("remapped_rows")
    if "gpu_hardware" in vitals.oddities:
        remapped = [("remapped_rows", [*_REMAPPED])]
    return [
        ("ecc_mode", na("current_ecc", "pending_ecc")),
        (
            "ecc_errors",
            [("volatile", na(*_ECC)), ("aggregate", na(*_ECC))],
        ),
        ("retired_pages", na("pending_blacklist", "pending_retirement")),
        *remapped,
    ]


def temperature(vitals: Vitals) -> list[Node]:
    """Return the temperature and its limits."""
    return [
        (
            "temperature",
            [
                ("gpu_temp", f"{vitals.celsius:.0f} C"),
                *na("gpu_temp_tlimit"),
                ("gpu_temp_max_threshold", "98 C"),
                ("gpu_temp_slow_threshold", "95 C"),
                ("gpu_temp_max_gpu_threshold", "93 C"),
                ("gpu_target_temperature", "83 C"),
                *na("memory_temp", "gpu_temp_max_mem_threshold"),
            ],
        ),
    ]


def power(vitals: Vitals) -> list[Node]:
    """Return the power draw and its limits."""
    limit = f"{POWER_LIMIT:.2f} W"
    return [
        (
            "gpu_power_readings",
            [
                ("power_state", GONE),
                ("average_power_draw", f"{vitals.watts:.2f} W"),
                ("instant_power_draw", f"{vitals.watts * 1.01:.2f} W"),
                *((f"{name}_power_limit", limit) for name in _LIMITS),
                ("min_power_limit", "100.00 W"),
                ("max_power_limit", limit),
            ],
        ),
        ("gpu_memory_power_readings", na(*_DRAWS)),
        ("module_power_readings", na(*_DRAWS, "current_power_limit")),
    ]


def clocks(vitals: Vitals) -> list[Node]:
    """Return the clocks now and at most."""
    return [
        (
            "clocks",
            [
                ("graphics_clock", f"{vitals.sm_clock} MHz"),
                ("sm_clock", f"{vitals.sm_clock} MHz"),
                ("mem_clock", f"{vitals.memory_clock} MHz"),
                ("video_clock", f"{vitals.sm_clock - 15} MHz"),
            ],
        ),
        (
            "max_clocks",
            [
                ("graphics_clock", "2100 MHz"),
                ("sm_clock", "2100 MHz"),
                ("mem_clock", "9751 MHz"),
                ("video_clock", "1950 MHz"),
            ],
        ),
    ]


@lru_cache(maxsize=1)
def supported_clocks() -> list[Node]:
    """Return the longest and least useful part of the answer."""
    return [
        (
            "supported_mem_clock",
            [
                ("value", f"{memory} MHz"),
                *(
                    ("supported_graphics_clock", f"{graphics} MHz")
                    for graphics in range(highest, _LOWEST - 1, -_STEP)
                ),
            ],
        )
        for memory, highest in _CLOCKS.items()
    ]
