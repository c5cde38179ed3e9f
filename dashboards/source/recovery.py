"""Recovery: what was done, what waits, and what may still be done."""

from dashboards.source.grafana import (
    GREEN,
    ORANGE,
    RED,
    Dashboard,
    Query,
    Row,
    bands,
    lines,
    mapped,
    stat,
    steps,
    table,
)
from dashboards.source.words import OURS, SITE, TARGETS, health, marks

RECOVERY = Dashboard(
    uid="facefusion-recovery",
    title="FaceFusion recovery",
    description="What was done to servers, what waits, what is left.",
    variables=[SITE, TARGETS],
    annotations=marks(),
    since="now-24h",
    rows=[
        Row(
            title="Now",
            panels=[
                stat(
                    "Under way",
                    "Servers that are being changed.",
                    "sum(max by (target)"
                    f" (facefusion_change_in_progress{{{OURS}}}))",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, ORANGE))},
                ),
                stat(
                    "Waiting for approval",
                    "Plans that another person has to agree to, within 15"
                    " minutes: `facefusion-monitor changes` lists them.",
                    "sum(max by (target)"
                    f" (facefusion_plans_awaiting_approval{{{OURS}}}))",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, ORANGE))},
                ),
                stat(
                    "Open breakers",
                    "Servers to which nothing more is done: the last deeds"
                    " did not help.",
                    "sum(max by (target)"
                    f" (facefusion_recovery_breaker_open{{{OURS}}}))",
                    wide=6,
                    defaults={"thresholds": steps((None, GREEN), (1, RED))},
                ),
                stat(
                    "That helped",
                    "Share of what was begun in the time that is shown, and"
                    " succeeded.",
                    "sum(increase(facefusion_changes_total{"
                    f'outcome="succeeded", {OURS}}}[$__range]))'
                    " / (sum(increase(facefusion_changes_total{"
                    'outcome=~"succeeded|failed|gave_up|interrupted",'
                    f" {OURS}}}[$__range])) > 0)",
                    unit="percentunit",
                    wide=6,
                    options={"colorMode": "none"},
                    defaults={"noValue": "nothing was begun"},
                ),
                table(
                    "What the budgets leave",
                    "How often each action may still be begun.",
                    Query(
                        expr="min by (target, action)"
                        f" (facefusion_recovery_budget_remaining{{{OURS}}})",
                        at=True,
                    ),
                    columns=["target", "action", "Value"],
                    renamed={"Value": "left"},
                ),
                bands(
                    "Changes under way",
                    "A band a server, while it is being changed.",
                    Query(
                        expr="max by (target)"
                        f" (facefusion_change_in_progress{{{OURS}}})",
                        legend="{{target}}",
                    ),
                    mappings=mapped(
                        (0, "no", "transparent"), (1, "is changed", ORANGE)
                    ),
                ),
            ],
        ),
        Row(
            title="What was done",
            panels=[
                lines(
                    "Changes by outcome",
                    "Changes in an hour; who asked is in the audit.",
                    Query(
                        expr="sum by (action, outcome)"
                        f" (increase(facefusion_changes_total{{{OURS}}}[1h]))",
                        legend="{{action}} {{outcome}}",
                    ),
                    unit="none",
                ),
                lines(
                    "By whom",
                    "Changes in an hour, by what set them off.",
                    Query(
                        expr="sum by (trigger)"
                        f" (increase(facefusion_changes_total{{{OURS}}}[1h]))",
                        legend="{{trigger}}",
                    ),
                    unit="none",
                ),
                lines(
                    "How long they take",
                    "From the intent to the outcome: nine of ten are faster.",
                    Query(
                        expr="histogram_quantile(0.9, sum by (action, le)"
                        " (increase(facefusion_change_duration_seconds_bucket"
                        f"{{{OURS}}}[1h])))",
                        legend="{{action}}",
                    ),
                    unit="s",
                ),
                bands(
                    "Health of the servers",
                    "To see beside what was done whether it helped.",
                    Query(expr=health(), legend="{{target}}"),
                ),
                lines(
                    "Alerts that came in",
                    "Alerts of Alertmanager in an hour, by what came of them.",
                    Query(
                        expr="sum by (outcome) (increase("
                        "facefusion_monitor_alerts_received_total[1h]))",
                        legend="{{outcome}}",
                    ),
                    unit="none",
                    wide=24,
                    high=6,
                ),
            ],
        ),
    ],
)
