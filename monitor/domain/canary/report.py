"""What a run showed, put together from its verdict and what was known."""

from monitor.domain.canary import timing
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.canary.verdict import Verdict


def reading_of(
    plan: CanaryPlan,
    around: Circumstances,
    reached: Verdict,
    *,
    duration: float | None,
    produced: bool,
) -> CanaryReading:
    """Return the reading of a run that took `duration` seconds.

    `produced` says that the server named an output: one that fails at once
    is not fast, so it has no ratio.
    """
    usual = around.baseline
    return CanaryReading(
        canary=plan.canary,
        operation=plan.operation,
        model=plan.model,
        result=reached.result,
        duration=duration,
        output_valid=reached.output_valid,
        benchmark=plan.benchmark,
        ratio=plan.ratio(duration) if produced else None,
        gpu=around.gpu,
        version=around.version,
        baseline=None if usual is None else usual.median,
        counted=timing.counts(plan, around, reached),
    )
