"""The fleet: which server is sick, since when, and why."""

from dashboards.source.grafana import (
    GREEN,
    GREY,
    HIDDEN,
    ORANGE,
    RED,
    Dashboard,
    Panel,
    Query,
    Row,
    bands,
    by_name,
    lines,
    stat,
    steps,
    table,
)
from dashboards.source.words import OURS, SITE, TARGETS, health, marks

MOST = 25
"""Servers on one graph: of three hundred those with the most trouble."""
_WHERE = (
    "* on (target) group_left (host, site)"
    " topk by (target) (1, facefusion_target_info)"
)
_WORST = (
    f"topk({MOST}, max by (target) (avg_over_time("
    f'facefusion_health{{state!="healthy", {OURS}}}[$__range] @ end())))'
)


def _count(state: str, colour: str) -> Panel:
    return stat(
        state.capitalize(),
        f"Servers whose diagnosis makes them {state}.",
        f'sum(max by (target) (facefusion_health{{state="{state}", {OURS}}}))',
        wide=4,
        defaults={
            "thresholds": steps((None, GREY), (1, colour)),
            "color": {"mode": "thresholds"},
        },
    )


FLEET = Dashboard(
    uid="facefusion-fleet",
    title="FaceFusion fleet",
    description="Which servers are sick, since when, and why.",
    variables=[SITE, TARGETS],
    annotations=marks(),
    rows=[
        Row(
            title="Now",
            panels=[
                _count("unhealthy", RED),
                _count("degraded", ORANGE),
                _count("unknown", ORANGE),
                _count("healthy", GREEN),
                stat(
                    "Pages",
                    "Pages that are out: somebody is, or was, woken.",
                    "count(max by (target, cause)"
                    f" (facefusion_page{{{OURS}}})) or vector(0)",
                    defaults={
                        "thresholds": steps((None, GREY), (1, RED)),
                        "color": {"mode": "thresholds"},
                    },
                ),
                stat(
                    "Waiting for approval",
                    "Plans that another person has to agree to.",
                    "sum(max by (target)"
                    f" (facefusion_plans_awaiting_approval{{{OURS}}}))",
                    defaults={
                        "thresholds": steps((None, GREY), (1, ORANGE)),
                        "color": {"mode": "thresholds"},
                    },
                ),
                table(
                    "Sick servers, and why",
                    "Servers with a diagnosis, their machine, and how grave"
                    " that cause usually is. The name leads to the server,"
                    " the cause to its runbook.",
                    Query(
                        expr="max by (target, cause) (facefusion_diagnosis{"
                        f'cause!="none", {OURS}}}) {_WHERE}'
                        " * on (cause) group_left (severity)"
                        " max by (cause, severity) (facefusion_cause_info)",
                        at=True,
                    ),
                    columns=["target", "cause", "severity", "host", "site"],
                    wide=24,
                    high=9,
                    overrides=[
                        HIDDEN,
                        by_name(
                            "target",
                            {
                                "links": [
                                    {
                                        "title": "This server",
                                        "url": "/d/facefusion-server"
                                        "?var-target=${__value.text}",
                                    }
                                ]
                            },
                        ),
                    ],
                ),
            ],
        ),
        Row(
            title="Over time",
            panels=[
                bands(
                    f"Health of the {MOST} with the most trouble",
                    "A band a server. Grey is unknown: nobody could look.",
                    Query(
                        expr=f"{health()} and on (target) {_WORST}",
                        legend="{{target}}",
                    ),
                    wide=24,
                    high=11,
                ),
                lines(
                    "Canaries beside the benchmark",
                    "Duration of the last job, divided by the high bound of"
                    " the RTX 3090 benchmark, of the slowest servers.",
                    Query(
                        expr=f"topk({MOST}, max by (target, canary)"
                        f" (facefusion_canary_benchmark_ratio{{{OURS}}}))",
                        legend="{{target}} {{canary}}",
                    ),
                    unit="none",
                    defaults={
                        "thresholds": steps((None, GREEN), (1, RED)),
                        "custom": {"thresholdsStyle": {"mode": "line"}},
                    },
                ),
                lines(
                    "Availability",
                    "Share of the last hour in which the status was fine.",
                    Query(
                        expr="bottomk(25, max by (target)"
                        f" (avg_over_time(facefusion_up{{{OURS}}}[1h])))",
                        legend="{{target}}",
                    ),
                    unit="percentunit",
                ),
            ],
        ),
    ],
)
