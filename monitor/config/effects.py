"""Which settings do something in this release.

`EFFECTIVE` is the one table to edit when a setting starts to count. A
section stands for everything below it.
"""

from collections.abc import Iterator

from monitor.config.sections.canaries import BatchCanary
from monitor.config.sections.section import Section
from monitor.config.sections.settings import Settings
from monitor.config.sections.targets import Target

EFFECTIVE = frozenset(
    {
        "server",
        "log",
        "state",
        "access",
        "automation",
        "control_addresses",
        "hosts.name",
        "hosts.ssh",
        "hosts.gpu",
        "hosts.host",
        "targets.name",
        "targets.url",
        "targets.dialect",
        "targets.host",
        "targets.labels",
        "targets.status.interval",
        "targets.status.timeout",
        "targets.status.failures",
        "targets.status.successes",
        "targets.status.confirm_interval",
        "targets.status.busy_limit",
        "targets.backend",
        "targets.browser",
        "targets.canary_budget",
        "targets.canary_files",
        "targets.benchmark",
        "targets.canaries",
        "targets.gpus",
        "targets.recovery",
        "targets.service",
        "targets.start_grace",
        "targets_from",
    }
)

BATCH = "targets.canaries.operation: batch (see backend.image_url)"
"""It needs a character and an image of the backend."""
SERVICE = "targets.service (without targets.host)"
"""Its process is looked at on its host."""
_SPOKEN = ("rest", "storycanvas")
"""Dialects with an effect; auto is the guide's until it recognises."""


def without_effect(settings: Settings) -> list[str]:
    """Return what was set and does nothing yet, as dotted keys.

    A setting of which only some values work is named with the value, such
    as `targets.dialect: gradio`.
    """
    return sorted({*_unused(settings, ""), *_unused_values(settings)})


def _unused(section: Section, at: str) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        if name not in section.model_fields_set:
            continue
        key = f"{at}{field.alias or name}"
        if key in EFFECTIVE:
            continue
        if any(one.startswith(f"{key}.") for one in EFFECTIVE):
            for below in _sections(getattr(section, name)):
                yield from _unused(below, f"{key}.")
        else:
            yield key


def _sections(value: object) -> Iterator[Section]:
    if isinstance(value, Section):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _sections(item)


def _unused_values(settings: Settings) -> Iterator[str]:
    if not settings.state.url.startswith("sqlite:"):
        yield "state.url: postgresql"
    for target in settings.targets:
        if target.service is not None and target.host is None:
            yield SERVICE
        if target.dialect not in _SPOKEN:
            yield f"targets.dialect: {target.dialect}"
        if _has_batch(target) and not _batch_goes_somewhere(target):
            yield BATCH


def _has_batch(target: Target) -> bool:
    return any(isinstance(one, BatchCanary) for one in target.canaries)


def _batch_goes_somewhere(target: Target) -> bool:
    backend = target.backend
    return bool(backend and backend.character_id and backend.image_url)
