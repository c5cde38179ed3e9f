"""The answer of `nvidia-smi -q -x`, in the form of schema v13.

The element names and their order are NVIDIA's; the values are ours.
"""

import time
from collections.abc import Sequence

from monitor.simulator.nvidia_smi.card import (
    CUDA,
    DRIVER,
    NAME,
    Card,
    Occupant,
    Vitals,
)
from monitor.simulator.nvidia_smi.readings import (
    GONE,
    clock_events,
    clocks,
    errors,
    memory,
    power,
    supported_clocks,
    temperature,
    utilization,
)
from monitor.simulator.nvidia_smi.xml import Node, document, na

Seen = Sequence[tuple[Card, Vitals]]


def query(seen: Seen, attached: int, *, brief: bool = False) -> str:
    """Return the XML for the cards that answer, of `attached` ones.

    `brief`: without the supported clocks, as the gate cuts them out.
    """
    head: list[Node] = [
        ("timestamp", time.strftime("%a %b %e %H:%M:%S %Y")),
        ("driver_version", DRIVER),
        ("cuda_version", CUDA),
        ("attached_gpus", str(attached)),
    ]
    gpus = (_gpu(card, vitals, brief=brief) for card, vitals in seen)
    return document([*head, *gpus])


def _gpu(card: Card, vitals: Vitals, *, brief: bool) -> Node:
    clocks_there_are: list[Node] = [("supported_clocks", supported_clocks())]
    return (
        f'gpu id="{card.bus_id}"',
        [
            *_identity(card, vitals),
            _pci(card, vitals),
            ("fan_speed", f"{vitals.fan} %"),
            ("performance_state", f"P{vitals.state}"),
            *clock_events(vitals),
            *memory(vitals),
            ("compute_mode", "Default"),
            utilization(vitals),
            *errors(vitals),
            *temperature(vitals),
            *power(vitals),
            *clocks(vitals),
            *([] if brief else clocks_there_are),
            ("processes", list(map(_process, vitals.occupants))),
            ("accounted_processes", []),
        ],
    )


def _identity(card: Card, vitals: Vitals) -> list[Node]:
    mig = "Enabled" if "mig" in vitals.oddities else "N/A"
    reset = "gpu_reset_required" in vitals.oddities
    return [
        ("product_name", NAME),
        ("product_brand", "GeForce"),
        ("product_architecture", "Ampere"),
        ("display_mode", GONE),
        ("display_attached", "No"),
        ("display_active", "Disabled"),
        ("persistence_mode", "Enabled"),
        ("addressing_mode", "HMM"),
        ("mig_mode", [("current_mig", mig), ("pending_mig", mig)]),
        ("mig_devices", "None"),
        ("accounting_mode", "Disabled"),
        ("accounting_mode_buffer_size", "4000"),
        ("driver_model", na("current_dm", "pending_dm")),
        *na("serial"),
        ("uuid", card.uuid),
        ("minor_number", str(card.index)),
        ("vbios_version", "94.02.42.00.A9"),
        ("multigpu_board", "No"),
        *na("board_part_number", "gpu_fru_part_number", "c2c_mode"),
        ("gpu_virtualization_mode", [("virtualization_mode", "None")]),
        ("gpu_recovery_action", "Reset" if reset else "None"),
        *na("gsp_firmware_version"),
    ]


def _pci(card: Card, vitals: Vitals) -> Node:
    speed = "1" if vitals.is_idle else "4"
    return (
        "pci",
        [
            ("pci_bus", card.bus),
            ("pci_device", "00"),
            ("pci_domain", "0000"),
            ("pci_device_id", "220410DE"),
            ("pci_bus_id", card.bus_id),
            ("pci_gpu_link_info", _link(speed)),
            ("replay_counter", "0"),
            ("replay_rollover_counter", "0"),
            ("tx_util", f"{vitals.utilization * 2100} KB/s"),
            ("rx_util", f"{vitals.utilization * 5300} KB/s"),
        ],
    )


def _link(speed: str) -> list[Node]:
    return [
        (
            "pcie_gen",
            [
                ("max_link_gen", "4"),
                ("current_link_gen", speed),
                ("device_current_link_gen", speed),
                ("max_device_link_gen", "4"),
                ("max_host_link_gen", "4"),
            ],
        ),
        (
            "link_widths",
            [("max_link_width", "16x"), ("current_link_width", "16x")],
        ),
    ]


def _process(one: Occupant) -> Node:
    return (
        "process_info",
        [
            *na("gpu_instance_id", "compute_instance_id"),
            ("pid", str(one.pid)),
            ("type", "C"),
            ("process_name", one.name),
            ("used_memory", f"{one.mib} MiB"),
        ],
    )
