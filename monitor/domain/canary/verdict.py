"""What a canary run means: one result, one health, one sentence."""

from dataclasses import dataclass

from monitor.domain.canary import benchmark
from monitor.domain.canary.image import Flaw
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.reading import Result
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run ended.

    `reason` is empty for an ok run. Else it is the result's own word (slow,
    unverified, declined), a word of `CannotReach`, of an image's `Flaw`, or
    one of: files, invalid_job, input_rejected, processing_failed,
    error_page, bad_body, unexpected_code, unreadable.
    """

    result: Result
    health: Health
    because: str
    reason: str = ""
    output_valid: bool | None = None


def not_placed(because: str) -> Verdict:
    """Return the verdict on input images that did not get there."""
    return _unknown(Result.ERROR, "files", because)


def invalid_job(because: str) -> Verdict:
    """Return the verdict on a job that we do not send."""
    return _unknown(Result.ERROR, "invalid_job", because)


def no_answer(error: CannotReach) -> Verdict:
    """Return the verdict on a job that nobody answered.

    Reason `failed` is our own fault and tells nothing about the server.
    """
    if error.reason == "timeout":
        return timed_out(str(error))
    if error.reason == "failed":
        return _unknown(Result.ERROR, error.reason, str(error))
    return _unhealthy(Result.ERROR, error.reason, str(error))


def timed_out(because: str) -> Verdict:
    """Return the verdict on a job that missed its hard deadline."""
    return _unhealthy(Result.TIMEOUT, "timeout", because)


def rejected(because: str) -> Verdict:
    """Return the verdict on an input that the server refuses."""
    return _unknown(Result.ERROR, "input_rejected", because)


def declined(because: str) -> Verdict:
    """Return the verdict on content that the server will not process."""
    return _unknown(Result.DECLINED, "declined", because)


def failed(reason: str, because: str) -> Verdict:
    """Return the verdict on a server that cannot do the job."""
    return _unhealthy(Result.ERROR, reason, because)


def unreadable(because: str) -> Verdict:
    """Return the verdict on an output that is no image."""
    return _invalid("unreadable", because)


def flawed(flaw: Flaw) -> Verdict:
    """Return the verdict on an output that is not what it must be."""
    return _invalid(flaw.reason, flaw.because)


def finished(
    plan: CanaryPlan,
    duration: float,
    gpu: str | None,
    *,
    unverified: str = "",
) -> Verdict:
    """Return the verdict on a job whose output is valid or unknown.

    `unverified` says why the output could not be looked at. A run that is
    too slow is slow either way: for that nobody needs its output.
    """
    valid = None if unverified else True
    words = _timing(plan, duration)
    limit = limit_of(plan, gpu)
    if duration > limit:
        hopeless = duration > benchmark.TOO_LONG
        return Verdict(
            result=Result.SLOW,
            health=Health.UNHEALTHY if hopeless else Health.DEGRADED,
            because=_joined(f"{words}; slow above {limit:g} s", unverified),
            reason="slow",
            output_valid=valid,
        )
    if unverified:
        return Verdict(
            result=Result.UNVERIFIED,
            health=Health.UNKNOWN if plan.verifiable else Health.HEALTHY,
            because=_joined(words, unverified),
            reason="unverified",
        )
    return Verdict(
        result=Result.OK,
        health=Health.HEALTHY,
        because=words,
        output_valid=valid,
    )


def limit_of(plan: CanaryPlan, gpu: str | None) -> float:
    """Return the seconds above which a run is slow.

    Where the benchmark does not judge, the guide's 30 s still do: no GPU
    needs them for one image, a silent fall back to the CPU does.
    """
    bounds = plan.benchmark
    if bounds is None or not benchmark.judges(gpu, plan.factor):
        return benchmark.TOO_LONG
    factor = 1.0 if plan.factor is None else plan.factor
    return benchmark.limit(bounds[1], factor, plan.tolerance)


def _timing(plan: CanaryPlan, duration: float) -> str:
    words = f"{plan.title} took {duration:.2f} s"
    if plan.benchmark is None:
        return words
    low, high = plan.benchmark
    return f"{words} (benchmark {low:g} to {high:g} s)"


def _joined(first: str, then: str) -> str:
    return f"{first}; {then}" if then else first


def _unknown(result: Result, reason: str, because: str) -> Verdict:
    return Verdict(
        result=result, health=Health.UNKNOWN, because=because, reason=reason
    )


def _unhealthy(result: Result, reason: str, because: str) -> Verdict:
    return Verdict(
        result=result, health=Health.UNHEALTHY, because=because, reason=reason
    )


def _invalid(reason: str, because: str) -> Verdict:
    return Verdict(
        result=Result.INVALID_OUTPUT,
        health=Health.UNHEALTHY,
        because=because,
        reason=reason,
        output_valid=False,
    )
