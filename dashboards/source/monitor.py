"""The monitor itself: whether it sees, and keeps up."""

from dashboards.source.grafana import (
    GREEN,
    ORANGE,
    RED,
    YES_IS_BAD,
    YES_IS_GOOD,
    Dashboard,
    Query,
    Row,
    lines,
    stat,
    steps,
)

MONITOR = Dashboard(
    uid="facefusion-monitor",
    title="FaceFusion monitor",
    description="Is the monitor itself well?",
    variables=[],
    rows=[
        Row(
            title="Now",
            panels=[
                stat(
                    "Monitors",
                    "Monitors that are scraped.",
                    "count(facefusion_monitor_build_info) or vector(0)",
                    defaults={"thresholds": steps((None, RED), (1, GREEN))},
                ),
                stat(
                    "Blind",
                    "Whether one cannot trust what it sees: nobody is paged"
                    " for a server then.",
                    "max(facefusion_monitor_blind)",
                    defaults={"mappings": YES_IS_BAD},
                ),
                stat(
                    "Configuration accepted",
                    "Whether the last reload was.",
                    "min(facefusion_monitor_config_last_reload_successful)",
                    defaults={"mappings": YES_IS_GOOD},
                ),
                stat(
                    "Configuration since",
                    "When the last good one was read.",
                    "1000 * min(facefusion_monitor_config_last_reload_"
                    "success_timestamp_seconds)",
                    unit="dateTimeFromNow",
                    options={"colorMode": "none"},
                ),
                stat(
                    "Late looks",
                    "Seconds by which nine of ten looks of the last ten"
                    " minutes were late at most.",
                    "histogram_quantile(0.9, sum by (le) (rate("
                    "facefusion_monitor_schedule_lag_seconds_bucket[10m])))",
                    unit="s",
                    defaults={
                        "thresholds": steps(
                            (None, GREEN), (1, ORANGE), (5, RED)
                        )
                    },
                ),
                stat(
                    "Servers watched",
                    "Servers that some monitor knows.",
                    "count(max by (target) (facefusion_target_info))",
                    options={"colorMode": "none"},
                ),
            ],
        ),
        Row(
            title="Over time",
            panels=[
                lines(
                    "Looks",
                    "Looks taken a second, by kind.",
                    Query(
                        expr="sum by (probe) (rate("
                        "facefusion_probe_runs_total[$__rate_interval]))",
                        legend="{{probe}}",
                    ),
                    unit="ops",
                ),
                lines(
                    "Looks that were left out",
                    "Due and not taken, by reason; and runs that were lost.",
                    Query(
                        expr="sum by (reason) (rate("
                        "facefusion_probe_skipped_total[$__rate_interval]))",
                        legend="{{reason}}",
                    ),
                    Query(
                        expr="sum(rate(facefusion_monitor_missed_runs_total"
                        "[$__rate_interval]))",
                        legend="missed",
                    ),
                    unit="ops",
                ),
                lines(
                    "How late looks begin",
                    "Nine of ten, and ninety-nine of a hundred.",
                    Query(
                        expr="histogram_quantile(0.9, sum by (le) (rate("
                        "facefusion_monitor_schedule_lag_seconds_bucket"
                        "[$__rate_interval])))",
                        legend="90 %",
                    ),
                    Query(
                        expr="histogram_quantile(0.99, sum by (le) (rate("
                        "facefusion_monitor_schedule_lag_seconds_bucket"
                        "[$__rate_interval])))",
                        legend="99 %",
                    ),
                    unit="s",
                ),
                lines(
                    "Lag of its loop",
                    "Seconds by which its own event loop was held.",
                    Query(
                        expr="max by (instance)"
                        " (facefusion_monitor_loop_lag_seconds)",
                        legend="{{instance}}",
                    ),
                    unit="s",
                ),
                lines(
                    "SSH connections",
                    "By state.",
                    Query(
                        expr="sum by (state)"
                        " (facefusion_monitor_ssh_connections)",
                        legend="{{state}}",
                    ),
                    unit="none",
                ),
                lines(
                    "Memory",
                    "Resident memory of the daemon.",
                    Query(
                        expr="max by (instance) (process_resident_memory_bytes"
                        " and on (instance, job)"
                        " facefusion_monitor_build_info)",
                        legend="{{instance}}",
                    ),
                    unit="bytes",
                ),
            ],
        ),
    ],
)
