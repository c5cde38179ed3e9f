"""Whether a job that was done took the time it should.

One limit says what is slow: the benchmark's where it judges (DESIGN §3.5),
else what the server usually takes, else the guide's 30 s. What is too fast
only the baseline can tell, and on every GPU.

A cold run is recorded and not timed: it loads its model, and how long that
takes the guide does not say. A slow run on a server that was busy tells
nothing about the server.

Too fast is no result of its own: `facefusion_canary_runs_total` has a fixed
set, and we do not know that the output is invalid. Where the output was
looked at and is good the run stays `ok`, where it cannot be looked at
`unverified`; either way the health is degraded and the reason `too_fast`.
A good output counts for the next baseline, so that a server that really got
faster is believed after half of `KEPT` runs. An unseen one does not.
"""

from dataclasses import replace

from monitor.domain.canary import benchmark
from monitor.domain.canary.circumstances import NOTHING_KNOWN, Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.reading import Result
from monitor.domain.canary.verdict import Verdict
from monitor.domain.health import Health


def finished(
    plan: CanaryPlan,
    duration: float,
    around: Circumstances = NOTHING_KNOWN,
    *,
    unverified: str = "",
) -> Verdict:
    """Return the verdict on a job whose output is valid or unknown.

    `unverified` says why the output could not be looked at. A run that is
    too slow is slow either way: for that nobody needs its output.
    """
    done = _done(plan, duration, unverified)
    if around.cold:
        return _cold(plan, done)
    if duration > limit_of(plan, around):
        return _slow(plan, duration, around, done)
    usual = around.baseline
    if usual is None or duration >= usual.fast_below:
        return done
    return replace(
        done,
        health=Health.DEGRADED,
        because=f"{done.because}; usually {usual.median:.2f} s, too fast "
        f"below {usual.fast_below:.2f} s: was the work done?",
        reason="too_fast",
    )


def limit_of(plan: CanaryPlan, around: Circumstances = NOTHING_KNOWN) -> float:
    """Return the seconds above which a run is slow.

    Where neither benchmark nor baseline judges, the guide's 30 s still do:
    no GPU needs them for one image, a silent fall back to the CPU does.
    """
    bounds = plan.benchmark
    if bounds is not None and benchmark.judges(around.gpu, plan.factor):
        factor = 1.0 if plan.factor is None else plan.factor
        return benchmark.limit(bounds[1], factor, plan.tolerance)
    if around.baseline is None:
        return plan.too_long
    return min(around.baseline.slow_above, plan.too_long)


def counts(plan: CanaryPlan, around: Circumstances, reached: Verdict) -> bool:
    """Return whether the next runs are compared with this one.

    Only ok runs are, or what is as good as ok where no output can be seen;
    none that was cold, or met a busy server, planned work or a sick one.
    """
    if around.cold or around.busy or around.frozen:
        return False
    if reached.result is Result.OK:
        return True
    return (
        reached.result is Result.UNVERIFIED
        and not plan.verifiable
        and reached.health is Health.HEALTHY
    )


def _done(plan: CanaryPlan, duration: float, unverified: str) -> Verdict:
    """Return the verdict before anybody looks at the clock."""
    words = _timing(plan, duration)
    if not unverified:
        return Verdict(
            result=Result.OK,
            health=Health.HEALTHY,
            because=words,
            output_valid=True,
        )
    return Verdict(
        result=Result.UNVERIFIED,
        health=Health.UNKNOWN if plan.verifiable else Health.HEALTHY,
        because=f"{words}; {unverified}",
        reason="unverified",
    )


def _cold(plan: CanaryPlan, done: Verdict) -> Verdict:
    """Return the verdict on a first run; one that failed stays failed."""
    because = f"{done.because}; cold: the first run since the server started"
    if done.result is Result.UNVERIFIED and plan.verifiable:
        return replace(done, because=because)
    return replace(done, result=Result.COLD, because=because, reason="")


def _slow(
    plan: CanaryPlan, duration: float, around: Circumstances, done: Verdict
) -> Verdict:
    hopeless = duration > plan.too_long
    health = Health.UNHEALTHY if hopeless else Health.DEGRADED
    words = f"slow above {limit_of(plan, around):.4g} s"
    if around.baseline is not None:
        words += f", usually {around.baseline.median:.2f} s"
    if around.busy:
        health = Health.UNKNOWN
        words += f"; the server was busy: {around.busy}"
    return replace(
        done,
        result=Result.SLOW,
        health=health,
        because=f"{done.because}; {words}",
        reason="slow",
    )


def _timing(plan: CanaryPlan, duration: float) -> str:
    words = f"{plan.title} took {duration:.2f} s"
    if plan.benchmark is None:
        return words
    low, high = plan.benchmark
    return f"{words} (benchmark {low:g} to {high:g} s)"
