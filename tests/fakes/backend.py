"""A StoryCanvas backend without a network."""

from monitor.domain.answer import Answer
from monitor.domain.canary.job import Batch
from monitor.ports import Backend
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import Reply, answer


class FakeBackend:
    """Answers what `status_is` says, in the time that it says.

    What was sent as batch is kept in `batches` and answered by `batch_is`.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        *,
        status_is: Reply | None = None,
        api: str = "v1",
    ) -> None:
        self.api = api
        self.clock = clock or FakeClock()
        self.status_is = status_is or answer(b'{"online": true}')
        self.batch_is: Reply = answer(b'{"results": []}')
        self.batches: list[Batch] = []
        self.patience: list[float] = []

    async def status(self, *, within: float) -> Answer:
        self.patience.append(within)
        return self._arrive(self.status_is)

    async def batch(self, job: Batch, *, within: float) -> Answer:
        self.patience.append(within)
        self.batches.append(job)
        return self._arrive(self.batch_is)

    def _arrive(self, reply: Reply) -> Answer:
        if isinstance(reply, Exception):
            raise reply
        self.clock.pass_time(reply.duration)
        return reply


_: type[Backend] = FakeBackend
