"""The table that nvidia-smi prints for people, and `nvidia-smi -L`."""

import time

from monitor.simulator.nvidia_smi.card import (
    CUDA,
    DRIVER,
    MEMORY_MIB,
    NAME,
    POWER_LIMIT,
    Card,
    Occupant,
    Vitals,
)
from monitor.simulator.nvidia_smi.query import Seen

_EDGE = "+" + "-" * 89 + "+"
_SPLIT = "+" + "-" * 41 + "+" + "-" * 24 + "+" + "-" * 22 + "+"
_VERSIONS = (
    f"NVIDIA-SMI {DRIVER:<22} Driver Version: {DRIVER:<14} "
    f"CUDA Version: {CUDA:<6}"
)


def table(seen: Seen) -> str:
    """Return what plain `nvidia-smi` prints."""
    lines = [time.strftime("%a %b %e %H:%M:%S %Y       ")]
    lines += [_EDGE, _wide(_VERSIONS), _SPLIT, *_headings()]
    lines += ["|" + _SPLIT[1:-1].replace("-", "=") + "|"]
    for card, vitals in seen:
        lines += [*_card(card, vitals), _SPLIT]
    lines += ["", _EDGE, _wide("Processes:"), *_process_headings()]
    lines += [f"|{'=' * 89}|"]
    processes = [
        _process(card, one)
        for card, vitals in seen
        for one in vitals.occupants
    ]
    lines += processes or [_wide(" No running processes found")]
    return "\n".join([*lines, _EDGE, ""])


def listing(seen: Seen) -> str:
    """Return what `nvidia-smi -L` prints."""
    return "".join(
        f"GPU {card.index}: {NAME} (UUID: {card.uuid})\n" for card, _ in seen
    )


def _headings() -> list[str]:
    name = f"GPU  {'Name':<20} Persistence-M"
    power = f"Fan  Temp   Perf {'Pwr:Usage/Cap':>22}"
    return [
        _cells(name, f"{'Bus-Id':<15} Disp.A", "Volatile Uncorr. ECC"),
        _cells(power, "Memory-Usage", "GPU-Util  Compute M."),
        _cells("", "", "MIG M."),
    ]


def _card(card: Card, vitals: Vitals) -> list[str]:
    name = f"{card.index:>3}  {NAME:<26}  On"
    power = f"{vitals.watts:.0f}W / {POWER_LIMIT:>4.0f}W"
    feels = f"{vitals.fan:>2}% {vitals.celsius:>4.0f}C    P{vitals.state}"
    memory = f"{vitals.used}MiB / {MEMORY_MIB:>6}MiB"
    return [
        _cells(name, f"{card.bus_id} Off", "N/A"),
        _cells(
            f"{feels} {power:>23}",
            memory,
            f"{vitals.utilization}% {'Default':>12}",
        ),
        _cells("", "", "N/A"),
    ]


def _process_headings() -> list[str]:
    title = f" GPU   GI   CI {'PID':>16}   Type   {'Process name':<35}"
    return [
        _wide(f"{title} GPU Memory"),
        _wide(f"{'ID   ID':>14}{'Usage':>68}"),
    ]


def _process(card: Card, one: Occupant) -> str:
    name = one.name.split()[0]
    return _wide(
        f"{card.index:>4}   N/A  N/A {one.pid:>15}      C   {name:<34}"
        f" {one.mib:>8}MiB"
    )


def _wide(text: str) -> str:
    return f"| {text:<87} |"


def _cells(card: str, memory: str, use: str) -> str:
    return f"| {card:<39} | {memory:>22} | {use:>20} |"
