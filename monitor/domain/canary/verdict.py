"""What a canary run means: one result, one health, one sentence."""

from dataclasses import dataclass

from monitor.domain.canary.image import Flaw
from monitor.domain.canary.reading import Result
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run ended.

    `reason` is empty for an ok and for a cold run. Else it is the result's
    own word (slow, unverified, declined), a word of `CannotReach`, of an
    image's `Flaw`, or one of: too_fast, files, invalid_job, input_rejected,
    processing_failed, error_page, bad_body, unexpected_code, unreadable,
    server_offline.
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
