"""Settings of canaries become plans: what is done, and its measure."""

from monitor.config.sections.canaries import (
    AgeCanary,
    BatchAge,
    BatchCanary,
    BatchEnhance,
    Canary,
)
from monitor.config.sections.targets import Target
from monitor.domain.canary.budget import Share
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import Operation


def plan_of(target: Target, canary: Canary) -> CanaryPlan:
    """Return what a canary does, and against what it is compared.

    The images of a batch may lie where we cannot fetch them: then a batch
    whose parts all succeeded is all the health there is.
    """
    asked, band = target.benchmark, canary.benchmark
    parts: tuple[Part, ...] = ()
    if isinstance(canary, BatchCanary):
        parts = tuple(map(_part, canary.operations))
    return CanaryPlan(
        canary=canary.name,
        operation=Operation(canary.operation),
        model=getattr(canary, "model", ""),
        blend=getattr(canary, "blend", 1.0),
        target_age=canary.target_age if isinstance(canary, AgeCanary) else 25,
        timeout=canary.timeout,
        low=band.low if band else None,
        high=band.high if band else None,
        factor=asked.factor if "factor" in asked.model_fields_set else None,
        tolerance=asked.tolerance,
        verifiable=target.canary_files.via != "path" and not parts,
        parts=parts,
    )


def share_of(target: Target) -> Share:
    """Return what a target's canaries may take of which GPUs."""
    return Share(
        target=target.name,
        host=target.host or "",
        gpus=() if target.gpus == "all" else target.gpus,
        budget=target.canary_budget,
    )


def _part(asked: BatchEnhance | BatchAge) -> Part:
    operation = Operation(asked.operation)
    if isinstance(asked, BatchEnhance):
        return Part(operation=operation, model=asked.model)
    return Part(operation=operation, target_age=asked.target_age)
