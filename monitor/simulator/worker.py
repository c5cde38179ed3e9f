"""Does a job's image work off the event loop, as the faults allow."""

import asyncio
from collections.abc import Callable
from functools import partial

from monitor.simulator.faults import Faults
from monitor.simulator.images import work
from monitor.simulator.places import Places, Source

_Work = Callable[[], bytes]


class Worker:
    """Turns input images into written outputs.

    Each method returns the output's path or address, None under the fault
    null_result; raises `Unreadable` for what is no image.
    """

    def __init__(self, faults: Faults, places: Places) -> None:
        self._faults = faults
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
        suffix = await asyncio.to_thread(work.suffix, source.data)
        if self._faults.is_on("null_result"):
            return None
        if self._faults.is_on("unchanged_image"):
            data = source.data
        elif self._faults.is_on("blank_image"):
            data, suffix = (
                await asyncio.to_thread(work.blank, source.data),
                ".png",
            )
        else:
            data, suffix = await asyncio.to_thread(done), ".png"
        return await self._places.put(
            source, operation=operation, data=data, suffix=suffix
        )
