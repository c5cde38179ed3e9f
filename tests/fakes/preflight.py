"""A server that browsers ask for leave."""

from collections.abc import Mapping

from monitor.domain.answer import Answer
from monitor.domain.errors import CannotReach
from monitor.ports import Preflight
from tests.fakes.clock import FakeClock


class FakePreflight:
    """Answers with these headers, or raises this error."""

    def __init__(
        self, clock: FakeClock, says: Mapping[str, str] | CannotReach
    ) -> None:
        self.clock = clock
        self.says = says
        self.asked: list[tuple[str, Mapping[str, str], float]] = []

    async def preflight(
        self, url: str, *, headers: Mapping[str, str], within: float
    ) -> Answer:
        self.asked.append((url, headers, within))
        self.clock.pass_time(0.1)
        if isinstance(self.says, CannotReach):
            raise self.says
        return Answer(
            code=200,
            content_type="",
            body=b"",
            duration=0.1,
            headers=self.says,
        )


_: type[Preflight] = FakePreflight
