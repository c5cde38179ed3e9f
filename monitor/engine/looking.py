"""One look with an end: whatever a probe does, an observation comes of it."""

import asyncio
from collections.abc import Callable

from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.engine.check import Check
from monitor.ports import Clock

CANCEL_WAIT = 5.0
"""Seconds that a look gets to clean up after it was cut off."""


def unheard(_: BaseException) -> None:
    """Hear nothing."""


async def look_in_time(
    check: Check,
    clock: Clock,
    broke: Callable[[BaseException], None] = unheard,
    *,
    cleans_up: float = CANCEL_WAIT,
) -> Observation:
    """Look once, and cut off what does not end by the check's deadline.

    `broke` hears of a fault of ours in the probe. `cleans_up` is how many
    seconds one that is cut off gets to clean up.
    """
    at, begun = clock.now(), clock.monotonic()
    task = asyncio.ensure_future(check.probe.look())
    try:
        await asyncio.wait({task}, timeout=check.deadline)
    except asyncio.CancelledError:
        await _cut_off(task, cleans_up)
        raise
    if not task.done():
        await _cut_off(task, cleans_up)
        because = f"cannot finish the look within {check.deadline:g} s"
        reason, health = "timeout", check.overdue
    elif (error := _error_of(task)) is not None:
        broke(error)
        because = f"cannot look: {type(error).__name__}: {error}"
        reason, health = "internal", Health.UNKNOWN
    else:
        return task.result()
    return Observation(
        key=check.key,
        probe=check.kind,
        at=at,
        duration=clock.monotonic() - begun,
        health=health,
        because=because,
        reason=reason,
    )


def _error_of(task: asyncio.Future[Observation]) -> BaseException | None:
    """Return what broke a look; it may have cancelled itself."""
    if task.cancelled():
        return asyncio.CancelledError("it cancelled itself")
    return task.exception()


async def _cut_off(task: asyncio.Future[Observation], within: float) -> None:
    """Cancel a look and give it a moment to clean up."""
    task.cancel()
    await asyncio.wait({task}, timeout=within)
