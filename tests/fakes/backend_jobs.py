"""A backend that does batches, and its uploads, without a network."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.answer import Answer
from monitor.domain.canary.job import Batch
from monitor.domain.errors import CannotTouch
from monitor.ports import Backend, CanaryFiles, Placed
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import Reply, answer


class FakeBatches:
    """Answers every batch with `reply`; waits for `released` if it is set."""

    def __init__(self, clock: FakeClock) -> None:
        self.api = "legacy"
        self.clock = clock
        self.reply: Reply = answer()
        self.released: asyncio.Event | None = None
        self.jobs: list[Batch] = []

    async def status(self, *, within: float) -> Answer:
        del within
        return answer()

    async def batch(self, job: Batch, *, within: float) -> Answer:
        self.jobs.append(job)
        if self.released is not None:
            await self.released.wait()
        if isinstance(self.reply, Exception):
            raise self.reply
        self.clock.pass_time(min(self.reply.duration, within))
        return self.reply


@dataclass
class FakeUploads:
    """Serves `images` by address; `fails` is raised by every fetch."""

    images: dict[str, bytes]
    fails: Exception | None = None

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        del within
        raise CannotTouch(f"cannot upload {len(images)} images here")

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        del placed, within
        if self.fails is not None:
            raise self.fails
        if output not in self.images:
            raise CannotTouch(f"cannot fetch {output}: answered 404")
        return self.images[output]

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        del placed, output, within


_: type[Backend] = FakeBatches
__: type[CanaryFiles] = FakeUploads
