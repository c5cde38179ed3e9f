"""GPUs and their machines: faults, memory, heat, clocks, disks."""

from dashboards.source.grafana import (
    GREEN,
    HIDDEN,
    ORANGE,
    RED,
    Dashboard,
    Query,
    Row,
    lines,
    stat,
    steps,
    table,
)
from dashboards.source.words import HOSTS

OURS = 'host=~"$host"'
_NAMED = (
    "* on (host, uuid) group_left (gpu, name) topk by (host, uuid)"
    " (1, facefusion_gpu_info)"
)


def _of_cards(metric: str) -> Query:
    return Query(
        expr=f"max by (host, uuid) ({metric}{{{OURS}}}) {_NAMED}",
        legend="{{host}} {{gpu}}",
    )


GPU = Dashboard(
    uid="facefusion-gpu",
    title="FaceFusion GPUs and hosts",
    description="What the cards and their machines say.",
    variables=[HOSTS],
    rows=[
        Row(
            title="Now",
            panels=[
                stat(
                    "Cards",
                    "GPUs that were seen in the last look.",
                    "count(max by (host, uuid)"
                    f" (facefusion_gpu_info{{{OURS}}}))",
                    options={"colorMode": "none"},
                    wide=6,
                ),
                stat(
                    "Faults",
                    "Faults of GPUs that hold now.",
                    "count(max by (host, uuid, fault)"
                    f" (facefusion_gpu_fault{{{OURS}}})) or vector(0)",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, RED))},
                ),
                stat(
                    "Hottest",
                    "The highest core temperature.",
                    f"max(facefusion_gpu_temperature_celsius{{{OURS}}})",
                    unit="celsius",
                    wide=6,
                    defaults={
                        "thresholds": steps(
                            (None, GREEN), (80, ORANGE), (90, RED)
                        )
                    },
                ),
                stat(
                    "Fullest disk",
                    "The least free share of any watched disk.",
                    f"min(facefusion_host_disk_free_bytes{{{OURS}}}"
                    f" / facefusion_host_disk_total_bytes{{{OURS}}})",
                    unit="percentunit",
                    wide=6,
                    defaults={
                        "thresholds": steps(
                            (None, RED), (0.05, ORANGE), (0.1, GREEN)
                        )
                    },
                ),
                table(
                    "Cards",
                    "What is in which machine, and what is wrong with it.",
                    Query(
                        expr="max by (host, gpu, name, uuid, driver_version)"
                        f" (facefusion_gpu_info{{{OURS}}})",
                        at=True,
                    ),
                    columns=["host", "gpu", "name", "driver_version", "uuid"],
                    overrides=[HIDDEN],
                ),
                table(
                    "Faults that hold",
                    "A row a fault; empty when no card has one.",
                    Query(
                        expr="max by (host, uuid, fault)"
                        f" (facefusion_gpu_fault{{{OURS}}})",
                        at=True,
                    ),
                    columns=["host", "fault", "uuid"],
                    overrides=[HIDDEN],
                ),
            ],
        ),
        Row(
            title="Cards",
            panels=[
                lines(
                    "Memory in use",
                    "Bytes in use, a line a card.",
                    _of_cards("facefusion_gpu_memory_used_bytes"),
                    unit="bytes",
                ),
                lines(
                    "Who holds it",
                    "Memory by owner: a server's name, or other.",
                    Query(
                        expr="sum by (host, owner) (max by (host, uuid, owner)"
                        f" (facefusion_gpu_process_memory_bytes{{{OURS}}}))",
                        legend="{{host}} {{owner}}",
                    ),
                    unit="bytes",
                    custom={"stacking": {"mode": "normal", "group": "A"}},
                ),
                lines(
                    "Work",
                    "Share of time in which the card had something to do.",
                    _of_cards("facefusion_gpu_utilization_ratio"),
                    unit="percentunit",
                    defaults={"min": 0, "max": 1},
                ),
                lines(
                    "Temperature",
                    "Core temperature.",
                    _of_cards("facefusion_gpu_temperature_celsius"),
                    unit="celsius",
                ),
                lines(
                    "Power",
                    "What the card draws.",
                    _of_cards("facefusion_gpu_power_draw_watts"),
                    unit="watt",
                ),
                lines(
                    "Clock of the multiprocessors",
                    "It falls when a card is too hot or at its power limit.",
                    _of_cards("facefusion_gpu_sm_clock_hertz"),
                    unit="hertz",
                ),
                lines(
                    "Why clocks are held down",
                    "1 while a reason holds.",
                    Query(
                        expr="max by (host, reason)"
                        f" (facefusion_gpu_clock_event_active{{{OURS}}}) == 1",
                        legend="{{host}} {{reason}}",
                    ),
                    unit="none",
                ),
                lines(
                    "Xid errors",
                    "Errors of cards in the kernel's log, in an hour.",
                    Query(
                        expr="sum by (host, xid) (increase("
                        f"facefusion_gpu_xid_errors_total{{{OURS}}}[1h]))",
                        legend="{{host}} Xid {{xid}}",
                    ),
                    unit="none",
                ),
            ],
        ),
        Row(
            title="Machines",
            panels=[
                lines(
                    "Load, by CPU",
                    "Load of one minute, divided by the CPUs.",
                    Query(
                        expr=f"max by (host) (facefusion_host_load1{{{OURS}}}"
                        f" / facefusion_host_cpus{{{OURS}}})",
                        legend="{{host}}",
                    ),
                    unit="none",
                    wide=8,
                ),
                lines(
                    "Memory that is free",
                    "Share that is available.",
                    Query(
                        expr="max by (host)"
                        f" (facefusion_host_memory_available_bytes{{{OURS}}}"
                        f" / facefusion_host_memory_total_bytes{{{OURS}}})",
                        legend="{{host}}",
                    ),
                    unit="percentunit",
                    wide=8,
                    defaults={"min": 0, "max": 1},
                ),
                lines(
                    "Disks",
                    "Share that is free.",
                    Query(
                        expr="max by (host, path)"
                        f" (facefusion_host_disk_free_bytes{{{OURS}}}"
                        f" / facefusion_host_disk_total_bytes{{{OURS}}})",
                        legend="{{host}} {{path}}",
                    ),
                    unit="percentunit",
                    wide=8,
                    defaults={"min": 0, "max": 1},
                ),
            ],
        ),
    ],
)
