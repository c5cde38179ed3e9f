"""Batches: jobs that go to the server through its backend."""

from monitor.domain.canary.reading import CanaryReading, Operation
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.health import Health


def is_the_backends(case: Case, slow: Look) -> bool:
    """Return whether a slow canary only tells of a slow backend.

    The time of a batch is the backend's too. Where the jobs that go straight
    to the server are all as quick as ever, the server is not the one.
    """
    if slow.health is not Health.DEGRADED or slow.reason != "slow":
        return False
    if not _is_batch(slow):
        return False
    straight = [one for one in case.canaries() if not _is_batch(one)]
    is_quick = any(one.is_well for one in straight)
    return is_quick and not any(one.is_bad for one in straight)


def _is_batch(look: Look) -> bool:
    run = look.grounds or look.seen
    reading = run.reading if run else None
    return (
        isinstance(reading, CanaryReading)
        and reading.operation is Operation.BATCH
    )
