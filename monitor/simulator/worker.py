"""Does a job's image work off the event loop, as the faults allow."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from monitor.domain.errors import MonitorError
from monitor.simulator.faults import Faults
from monitor.simulator.images import work
from monitor.simulator.places import Places, Source

_Work = Callable[[], bytes]
Aside = Callable[..., Awaitable[Any]]
"""Calls a function with arguments, off the loop; `asyncio.to_thread` does."""


_REFUSED = {
    "input_refused": "there is no such model (any more, simulated)",
    "content_declined": "the content analyser declined the image (simulated)",
}


class JobRefused(MonitorError):
    """A job that is not begun, for what it is about."""


class Worker:
    """Turns input images into written outputs.

    Each method returns the output's path or address, None under the fault
    null_result; raises `Unreadable` for what is no image, and `JobRefused`.
    `aside` does the work on pixels.
    """

    def __init__(
        self, faults: Faults, places: Places, aside: Aside = asyncio.to_thread
    ) -> None:
        self._faults = faults
        self._aside = aside
        self._places = places

    async def enhance(
        self, source: Source, *, model: str, blend: float
    ) -> str | None:
        """Enhance the face of the source."""
        done = partial(work.enhance, source.data, model=model, blend=blend)
        return await self._output(source, "enhanced", done)

    async def change_age(
        self, source: Source, *, age: int, blend: float
    ) -> str | None:
        """Make the face of the source that old."""
        done = partial(work.change_age, source.data, age=age, blend=blend)
        return await self._output(source, "aged", done)

    async def swap(self, source: Source, target: Source) -> str | None:
        """Put the source's face into the target."""
        done = partial(work.swap, source.data, target.data)
        return await self._output(target, "swapped", done)

    async def _output(
        self, source: Source, operation: str, done: _Work
    ) -> str | None:
        for fault, because in _REFUSED.items():
            if self._faults.is_on(fault):
                raise JobRefused(because)
        suffix = await self._aside(work.suffix, source.data)
        if self._faults.is_on("null_result"):
            return None
        if self._faults.is_on("unchanged_image"):
            data = source.data
        elif self._faults.is_on("blank_image"):
            data, suffix = (
                await self._aside(work.blank, source.data),
                ".png",
            )
        else:
            data, suffix = await self._aside(done), ".png"
        return await self._places.put(
            source, operation=operation, data=data, suffix=suffix
        )
