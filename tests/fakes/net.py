"""A network that a test describes."""

import asyncio
from typing import TypeVar

from monitor.domain.certificate import Certificate
from monitor.domain.errors import CannotReach
from monitor.domain.network import Pinged
from monitor.ports import Net
from tests.fakes.clock import FakeClock

T = TypeVar("T")
ANSWERING = Pinged(round_trip=0.0002, loss=0.0)


class FakeNet:
    """Gives what `tcp_is`, `ping_is` and `certificate_is` say.

    An error is raised instead. `tcp_at` says it for single ports. What is
    asked takes `seconds` of the fake time in all, as when it goes on at the
    same time.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        *,
        tcp_is: float | CannotReach = 0.0004,
        ping_is: Pinged | CannotReach = ANSWERING,
        certificate_is: Certificate | CannotReach | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.tcp_is = tcp_is
        self.ping_is = ping_is
        self.certificate_is = certificate_is
        self.tcp_at: dict[int, float | CannotReach] = {}
        self.seconds = 0.0
        self.asked: list[tuple[str, str, int, float]] = []
        self.at_once = 0
        """How many questions were open at the same time."""
        self._open = 0

    async def tcp(self, host: str, port: int, *, within: float) -> float:
        self.asked.append(("tcp", host, port, within))
        return await self._give(self.tcp_at.get(port, self.tcp_is))

    async def ping(self, host: str, *, count: int, within: float) -> Pinged:
        self.asked.append(("ping", host, count, within))
        return await self._give(self.ping_is)

    async def certificate(
        self, host: str, port: int, *, within: float
    ) -> Certificate:
        self.asked.append(("certificate", host, port, within))
        assert self.certificate_is is not None
        return await self._give(self.certificate_is)

    async def _give(self, given: T | CannotReach) -> T:
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        await asyncio.sleep(0)
        if self._open == self.at_once:
            self.clock.pass_time(self.seconds)
        self._open -= 1
        if isinstance(given, CannotReach):
            raise given
        return given


_: type[Net] = FakeNet
