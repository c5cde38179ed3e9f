"""`ports.Net` on the street: TCP, ping and certificates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.adapters.http.flaws import Flaw, flaw_of, no_answer, overdue
from monitor.domain.answer import Phases
from monitor.domain.certificate import Certificate
from monitor.domain.errors import CannotReach
from monitor.domain.network import Pinged
from monitor.ports import Net
from tests.stories.simulated.street import Street
from tests.stories.simulated.wires import Doors

_RESOLVED = Phases(resolve=0.0)
_PATCHY = 1 / 3


class StreetNet:
    """Finds out by trying, as the adapter for real networks does."""

    def __init__(self, street: Street, doors: Doors) -> None:
        self._street = street
        self._doors = doors

    async def tcp(self, host: str, port: int, *, within: float) -> float:
        async with _within(f"{host}:{port}", within):
            await self._street.reach(host, port)
        return self._street.round_trip

    async def ping(self, host: str, *, count: int, within: float) -> Pinged:
        if not self._street.may_ping:
            raise CannotReach(
                f"cannot ping {host}: this process may not",
                reason="forbidden",
            )
        trip = self._street.round_trip
        match self._street.pinged(host):
            case "answered":
                return Pinged(round_trip=trip, loss=0.0)
            case "patchy":
                await asyncio.sleep(within / count)
                return Pinged(round_trip=trip, loss=_PATCHY)
            case "lost":
                await asyncio.sleep(within)
                return Pinged(round_trip=None, loss=1.0)

    async def certificate(
        self, host: str, port: int, *, within: float
    ) -> Certificate:
        where = f"{host}:{port}"
        async with _within(where, within):
            await self._street.reach(host, port)
            held = self._doors.server(host, port).certificate
            if held is None:
                raise Flaw("tls", "TLS failed: wrong version number", "http")
        return held


@asynccontextmanager
async def _within(where: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        flaw = overdue(_RESOLVED, seconds)
        raise no_answer(where, flaw, _RESOLVED) from None
    except (Flaw, OSError) as error:
        raise no_answer(where, flaw_of(error), _RESOLVED) from None


_: type[Net] = StreetNet
