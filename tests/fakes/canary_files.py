"""A server's disk, and the way there, in memory."""

import asyncio
from collections.abc import Sequence

from monitor.domain.errors import CannotTouch
from monitor.ports import CanaryFiles, Placed
from tests.fakes.clock import FakeClock

FOLDER = "/var/tmp/facefusion-monitor"  # noqa: S108  # a name, not a file


class FakeCanaryFiles:
    """Keeps placed inputs until they are cleaned up.

    `outputs` is what the server wrote. An exception in `fails` under place,
    fetch or clean is raised by that step, the seconds in `takes` pass in
    it, and a step in `hangs` waits until `released` is set. `log` says what
    was done, in order, and `within` how long each step was given.
    """

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.inputs: dict[str, bytes] = {}
        self.outputs: dict[str, bytes] = {}
        self.takes: dict[str, float] = {}
        self.within: dict[str, float] = {}
        self.fails: dict[str, Exception] = {}
        self.hangs: set[str] = set()
        self.reached = {
            step: asyncio.Event() for step in ("place", "fetch", "clean")
        }
        self.released = asyncio.Event()
        self.cleaned = asyncio.Event()
        self.log: list[str] = []
        self._runs = 0

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        await self._step("place", within)
        self._runs += 1
        names = [f"{FOLDER}/{self._runs}-{i}.jpg" for i in range(len(images))]
        self.inputs.update(zip(names, images, strict=True))
        return Placed(locations=tuple(names), receipt=self._runs)

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        await self._step("fetch", within)
        known = placed.locations[0] in self.inputs
        if not known or output not in self.outputs:
            raise CannotTouch(f"cannot fetch {output}: there is no such file")
        return self.outputs[output]

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        await self._step("clean", within)
        for name in placed.locations:
            del self.inputs[name]
        if output is not None:
            self.outputs.pop(output, None)
        self.cleaned.set()

    async def _step(self, name: str, within: float) -> None:
        self.log.append(name)
        self.within[name] = within
        self.clock.pass_time(self.takes.get(name, 0.0))
        self.reached[name].set()
        if name in self.hangs:
            await self.released.wait()
        if name in self.fails:
            raise self.fails[name]


_: type[CanaryFiles] = FakeCanaryFiles
