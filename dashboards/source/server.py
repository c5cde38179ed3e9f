"""One server: what is wrong with it, since when, and what is behind it."""

from dashboards.source.grafana import (
    GREEN,
    HEALTH,
    HIDDEN,
    RED,
    YES_IS_BAD,
    YES_IS_GOOD,
    Dashboard,
    Query,
    Row,
    bands,
    lines,
    stat,
    steps,
    table,
)
from dashboards.source.words import TARGET, health, marks

THIS = 'target="$target"'
_HOST = (
    f"* on (host) group_left () max by (host)"
    f" (facefusion_target_info{{{THIS}}})"
)

SERVER = Dashboard(
    uid="facefusion-server",
    title="FaceFusion server",
    description="One server: its diagnosis, its looks, its machine.",
    variables=[TARGET],
    annotations=marks(THIS),
    rows=[
        Row(
            title="Now",
            panels=[
                stat(
                    "Health",
                    "What the diagnosis makes of it.",
                    health(THIS),
                    legend="{{target}}",
                    defaults={"mappings": HEALTH},
                ),
                stat(
                    "Diagnosis",
                    "The one cause that explains what is seen; *none* when"
                    " nothing is wrong. Its runbook is behind the table.",
                    f"max by (cause) (facefusion_diagnosis{{{THIS}}}) == 1",
                    legend="{{cause}}",
                    wide=8,
                    options={"textMode": "name", "colorMode": "none"},
                ),
                stat(
                    "Status",
                    "Whether the last status probe succeeded.",
                    f"max(facefusion_up{{{THIS}}})",
                    defaults={"mappings": YES_IS_GOOD},
                ),
                stat(
                    "Queue",
                    "Jobs that wait, as the server says.",
                    f"max(facefusion_queue_size{{{THIS}}})",
                    options={"colorMode": "value"},
                ),
                stat(
                    "Planned work",
                    "Whether work on it is planned now.",
                    f"max(facefusion_maintenance{{{THIS}}})",
                    defaults={"mappings": YES_IS_BAD},
                ),
                table(
                    "Its cause, and what to do",
                    "The cause in force with its severity; the runbook says"
                    " what to check and what to do.",
                    Query(
                        expr=f"max by (cause) (facefusion_diagnosis{{{THIS}}})"
                        " * on (cause) group_left (severity, runbook)"
                        " max by (cause, severity, runbook)"
                        " (facefusion_cause_info)",
                        at=True,
                    ),
                    columns=["cause", "severity", "runbook"],
                    wide=24,
                    high=4,
                    overrides=[HIDDEN],
                ),
            ],
        ),
        Row(
            title="What was seen",
            panels=[
                bands(
                    "Looks",
                    "Whether each kind of look found nothing wrong.",
                    Query(
                        expr="max by (probe)"
                        f" (facefusion_probe_success{{{THIS}}})",
                        legend="{{probe}}",
                    ),
                    mappings=YES_IS_GOOD,
                ),
                bands(
                    "Health",
                    "Grey is unknown: nobody could look.",
                    Query(expr=health(THIS), legend="{{target}}"),
                ),
                lines(
                    "How long the status takes",
                    "Phases of the last status probe.",
                    Query(
                        expr="max by (phase)"
                        " (facefusion_probe_phase_duration_seconds{"
                        f'probe="status", {THIS}}})',
                        legend="{{phase}}",
                    ),
                    unit="s",
                    custom={"stacking": {"mode": "normal", "group": "A"}},
                ),
                lines(
                    "Canaries",
                    "Duration of the last job of each, beside what is usual"
                    " here (dashed).",
                    Query(
                        expr="max by (canary)"
                        " (facefusion_canary_last_duration_seconds"
                        f"{{{THIS}}})",
                        legend="{{canary}}",
                    ),
                    Query(
                        expr="max by (canary)"
                        f" (facefusion_canary_baseline_seconds{{{THIS}}})",
                        legend="{{canary}} usually",
                    ),
                    unit="s",
                ),
                lines(
                    "Lines in its log",
                    "Lines by what they tell, a second.",
                    Query(
                        expr="sum by (kind) (rate(facefusion_log_events_total"
                        f"{{{THIS}}}[$__rate_interval]))",
                        legend="{{kind}}",
                    ),
                    unit="cps",
                ),
                lines(
                    "Jobs",
                    "Jobs in its folder, by state.",
                    Query(
                        expr=f"max by (status) (facefusion_jobs{{{THIS}}})",
                        legend="{{status}}",
                    ),
                ),
            ],
        ),
        Row(
            title="Its process and its machine",
            panels=[
                lines(
                    "Process memory",
                    "Resident memory of FaceFusion's process.",
                    Query(
                        expr="max(facefusion_process_resident_memory_bytes"
                        f"{{{THIS}}})",
                        legend="resident",
                    ),
                    unit="bytes",
                    wide=8,
                ),
                lines(
                    "Process CPU",
                    "CPUs that the process keeps busy.",
                    Query(
                        expr="sum(rate(facefusion_process_cpu_seconds_total"
                        f"{{{THIS}}}[$__rate_interval]))",
                        legend="CPUs",
                    ),
                    unit="none",
                    wide=8,
                ),
                stat(
                    "Runs since",
                    "When the process was started.",
                    "1000 * max(facefusion_process_start_time_seconds"
                    f"{{{THIS}}})",
                    unit="dateTimeFromNow",
                    wide=8,
                    high=8,
                    options={"colorMode": "none"},
                ),
                lines(
                    "GPU memory of its machine's cards",
                    "Share in use, a line a card.",
                    Query(
                        expr="max by (host, uuid) (facefusion_gpu_memory_used_"
                        "bytes / facefusion_gpu_memory_total_bytes)"
                        f" {_HOST}",
                        legend="{{host}} {{uuid}}",
                    ),
                    unit="percentunit",
                    defaults={
                        "max": 1,
                        "min": 0,
                        "thresholds": steps((None, GREEN), (0.95, RED)),
                    },
                ),
                lines(
                    "GPU work",
                    "Share of time in which a card had something to do.",
                    Query(
                        expr="max by (host, uuid)"
                        f" (facefusion_gpu_utilization_ratio) {_HOST}",
                        legend="{{host}} {{uuid}}",
                    ),
                    unit="percentunit",
                    defaults={
                        "max": 1,
                        "min": 0,
                        "color": {"mode": "palette-classic"},
                    },
                ),
            ],
        ),
    ],
)
