"""Gate `busy`: users' work on the server comes first, up to a limit."""

from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    lasting,
    refused,
    waiting,
)
from monitor.domain.recovery.situation import Situation

DRAIN_LIMIT = 600.0
"""Seconds that a change waits for users' work. Ours: an image takes seconds
and most videos minutes, and a sick server is sick meanwhile."""
STANDING_STILL = frozenset(
    {
        "container_gpu_lost",
        "oom_killed",
        "process_down",
        "not_listening",
        "cuda_fault",
        "gpu_memory_exhausted",
        "hung",
        "queue_stuck",
        "server_error",
        "processing_failed",
    }
)
"""Causes under which work that does not move will not move again."""
_TOLD = 3


def busy(situation: Situation) -> Said:
    """Wait for users' work that moves, or may; tell what is lost else.

    What is not seen to stand still counts as moving.
    """
    work, found = situation.work, situation.diagnosis
    if not work.jobs:
        return allowed("no users' work is seen")
    told = _told(work.jobs)
    stands = found is not None and found.cause in STANDING_STILL
    if work.moves is False and stands:
        return allowed(f"it stands still and would be lost: {told}")
    if work.waited < DRAIN_LIMIT:
        return waiting(
            f"users' work comes first, for {lasting(DRAIN_LIMIT)}: {told}"
        )
    return refused(
        f"users' work did not end within {lasting(DRAIN_LIMIT)}: {told}"
    )


def _told(jobs: tuple[str, ...]) -> str:
    more = len(jobs) - _TOLD
    first = "; ".join(jobs[:_TOLD])
    return f"{first}; and {more} more" if more > 0 else first
