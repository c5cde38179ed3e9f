"""Canaries beside the benchmark's band and what is usual here."""

from dashboards.source.grafana import (
    GREEN,
    ORANGE,
    RED,
    YES_IS_GOOD,
    Dashboard,
    Query,
    Row,
    bands,
    lines,
    stat,
    steps,
    variable,
)
from dashboards.source.words import OURS, SITE, TARGETS, marks

CHOSEN = f'{OURS}, canary=~"$canary"'
CANARY = variable(
    "canary",
    "Canary",
    'label_values(facefusion_canary_interval_seconds{target=~"$target"},'
    " canary)",
)

CANARIES = Dashboard(
    uid="facefusion-canaries",
    title="FaceFusion canaries",
    description="Real jobs: do they work, and how fast are they?",
    variables=[SITE, TARGETS, CANARY],
    annotations=marks(),
    rows=[
        Row(
            title="Now",
            panels=[
                stat(
                    "That fail",
                    "Canaries whose last job failed, or made a wrong image.",
                    "count(max by (target, canary)"
                    f" (facefusion_canary_success{{{CHOSEN}}}) == 0)"
                    " or vector(0)",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, RED))},
                ),
                stat(
                    "Slower than the benchmark",
                    "Canaries above the high bound of the RTX 3090 benchmark.",
                    "count(max by (target, canary)"
                    f" (facefusion_canary_benchmark_ratio{{{CHOSEN}}}) > 1)"
                    " or vector(0)",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, ORANGE))},
                ),
                stat(
                    "Longest without a run",
                    "Age of the last run, in intervals: over 3 is an alert.",
                    "max((time() - max by (target, canary)"
                    " (facefusion_canary_last_run_timestamp_seconds"
                    f"{{{CHOSEN}}})) / on (target, canary)"
                    " max by (target, canary)"
                    f" (facefusion_canary_interval_seconds{{{CHOSEN}}}))",
                    unit="none",
                    wide=6,
                    defaults={
                        "decimals": 1,
                        "thresholds": steps((None, GREEN), (3, RED)),
                    },
                ),
                stat(
                    "Wrong images",
                    "Jobs that succeeded with a wrong image, in the time"
                    " that is shown.",
                    "sum(increase(facefusion_canary_runs_total{"
                    f'result="invalid_output", {CHOSEN}}}[$__range]))'
                    " or vector(0)",
                    wide=6,
                    defaults={
                        "decimals": 0,
                        "thresholds": steps((None, GREEN), (1, RED)),
                    },
                ),
            ],
        ),
        Row(
            title="How fast",
            panels=[
                lines(
                    "Duration, and the benchmark's band",
                    "Seconds from sending a job to its answer; the band is"
                    " the RTX 3090's (low to high), where it has one.",
                    Query(
                        expr="max by (target, canary)"
                        " (facefusion_canary_last_duration_seconds"
                        f"{{{CHOSEN}}})",
                        legend="{{target}} {{canary}}",
                    ),
                    Query(
                        expr="max by (canary, bound)"
                        " (facefusion_canary_benchmark_seconds"
                        f"{{{CHOSEN}}})",
                        legend="{{canary}} benchmark {{bound}}",
                    ),
                    unit="s",
                    wide=24,
                    high=10,
                    overrides=[
                        {
                            "matcher": {
                                "id": "byRegexp",
                                "options": ".* benchmark .*",
                            },
                            "properties": [
                                {
                                    "id": "custom.lineStyle",
                                    "value": {"fill": "dash", "dash": [8, 8]},
                                },
                                {"id": "custom.fillOpacity", "value": 0},
                            ],
                        }
                    ],
                ),
                lines(
                    "Beside what is usual here",
                    "The last duration divided by the baseline: the median"
                    " of the last 50 runs that were fine.",
                    Query(
                        expr="max by (target, canary)"
                        " (facefusion_canary_last_duration_seconds"
                        f"{{{CHOSEN}}}) / on (target, canary)"
                        " max by (target, canary)"
                        f" (facefusion_canary_baseline_seconds{{{CHOSEN}}})",
                        legend="{{target}} {{canary}}",
                    ),
                    unit="none",
                    defaults={
                        "thresholds": steps((None, GREEN), (1.5, RED)),
                        "custom": {"thresholdsStyle": {"mode": "line"}},
                    },
                ),
                lines(
                    "Nine of ten jobs are faster than",
                    "From the histogram of all canaries, by operation.",
                    Query(
                        expr="histogram_quantile(0.9, sum by (operation, le)"
                        " (rate(facefusion_canary_duration_seconds_bucket"
                        f"{{{CHOSEN}}}[$__rate_interval])))",
                        legend="{{operation}}",
                    ),
                    unit="s",
                ),
            ],
        ),
        Row(
            title="What came of them",
            panels=[
                bands(
                    "Success",
                    "Whether the last job of each was fine.",
                    Query(
                        expr="max by (target, canary)"
                        f" (facefusion_canary_success{{{CHOSEN}}})",
                        legend="{{target}} {{canary}}",
                    ),
                    mappings=YES_IS_GOOD,
                ),
                lines(
                    "Runs by result",
                    "Runs a second, by what came of them.",
                    Query(
                        expr="sum by (result)"
                        f" (rate(facefusion_canary_runs_total{{{CHOSEN}}}"
                        "[$__rate_interval]))",
                        legend="{{result}}",
                    ),
                    unit="cps",
                    custom={"stacking": {"mode": "normal", "group": "A"}},
                ),
                lines(
                    "Runs that were left out",
                    "Due and not taken: users' work comes first, work is"
                    " planned, or the budget is spent.",
                    Query(
                        expr="sum by (reason)"
                        f" (rate(facefusion_canary_skipped_total{{{CHOSEN}}}"
                        "[$__rate_interval]))",
                        legend="{{reason}}",
                    ),
                    unit="cps",
                    wide=24,
                    high=6,
                ),
            ],
        ),
    ],
)
