"""What several dashboards ask: variables, selections, one number a health."""

from dashboards.source.grafana import (
    BLUE,
    ORANGE,
    RED,
    Json,
    annotation,
    variable,
)

SITE = variable(
    "site",
    "Site",
    "label_values(facefusion_target_info, site)",
    everything=".*",
)
TARGETS = variable(
    "target",
    "Server",
    'label_values(facefusion_target_info{site=~"$site"}, target)',
)
TARGET = variable(
    "target",
    "Server",
    "label_values(facefusion_target_info, target)",
    several=False,
)
HOSTS = variable("host", "GPU host", "label_values(facefusion_gpu_info, host)")
OURS = 'target=~"$target"'
"""The servers that are chosen."""


def health(selection: str = OURS) -> str:
    """Return a server's health as a number: 0 healthy to 3 unhealthy."""
    parts = [
        f'{number} * facefusion_health{{state="{state}", {selection}}}'
        for number, state in enumerate(
            ("healthy", "unknown", "degraded", "unhealthy")
        )
    ]
    return f"max by (target) ({' or '.join(parts)})"


def marks(selection: str = OURS) -> list[Json]:
    """Return what happened to servers, on every graph."""
    return [
        annotation(
            "Changes",
            "max by (target)"
            f" (facefusion_change_in_progress{{{selection}}}) == 1",
            "{{target}} is being changed",
            BLUE,
        ),
        annotation(
            "Diagnoses",
            "max by (target, cause)"
            f' (facefusion_diagnosis{{cause!="none", {selection}}}) == 1',
            "{{target}}: {{cause}}",
            RED,
        ),
        annotation(
            "Planned work",
            f"max by (target) (facefusion_maintenance{{{selection}}}) == 1",
            "planned work on {{target}}",
            ORANGE,
        ),
    ]
