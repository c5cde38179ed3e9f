"""One method for each thing that a daemon can be asked."""

import asyncio
from collections.abc import AsyncIterator

from monitor.client.caller import (
    DEFAULT_URL,
    Bounds,
    given,
    part,
)
from monitor.client.errors import NoDaemon
from monitor.client.recovery import RecoveryClient
from monitor.client.stream import Event, Stream
from monitor.schemas.check import LookResult
from monitor.schemas.history import History
from monitor.schemas.host import HostInFull, Hosts
from monitor.schemas.maintenance import (
    Maintenance,
    Maintenances,
    NewMaintenance,
)
from monitor.schemas.page import Pages
from monitor.schemas.reload import Reloaded
from monitor.schemas.target import TargetInFull, Targets

__all__ = ["DEFAULT_URL", "Bounds", "Client"]


class Client(RecoveryClient):
    """A daemon, spoken to over HTTP.

    Every method raises `ClientError`: `NoDaemon`, `NotOurs`, `NotAllowed`,
    `Refused`, `Unknown`. Use it as an async context manager. `transport`
    is for tests, such as `httpx.ASGITransport`.
    """

    async def targets(self) -> Targets:
        """Return every target, without its checks."""
        return await self._get("targets", Targets)

    async def target(self, name: str) -> TargetInFull:
        """Return one target with its checks."""
        return await self._get(f"targets/{part(name)}", TargetInFull)

    async def history(
        self,
        target: str,
        *,
        since: float | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> History:
        """Return what happened to a target, newest first.

        `since` is a Unix time in seconds. `before` is the `next_before` of
        a page, for what came earlier.
        """
        asked = {"since": since, "limit": limit, "before": before}
        return await self._get(
            f"targets/{part(target)}/history",
            History,
            given(asked),
        )

    async def pages(
        self,
        *,
        since: float | None = None,
        limit: int | None = None,
        before: int | None = None,
        target: str | None = None,
    ) -> Pages:
        """Return who was woken, or would have been, newest first.

        `since` is a Unix time in seconds: what ended earlier is left out.
        `before` is the `next_before` of an answer, for earlier ones.
        """
        asked = {"since": since, "limit": limit, "before": before}
        return await self._get("pages", Pages, given(asked, target=target))

    async def hosts(self) -> Hosts:
        """Return every GPU machine, without its checks."""
        return await self._get("hosts", Hosts)

    async def host(self, name: str) -> HostInFull:
        """Return one GPU machine with its checks."""
        return await self._get(f"hosts/{part(name)}", HostInFull)

    async def run_check(self, target: str, check: str) -> LookResult:
        """Look now, and return what was seen and what it changed."""
        path = f"/api/v1/targets/{part(target)}/checks/{part(check)}/run"
        data = await self._post(path, within=self._bounds.look)
        return self._read(data, LookResult)

    async def maintenance(self) -> Maintenances:
        """Return planned work: under way, to come, or just over."""
        return await self._get("maintenance", Maintenances)

    async def start_maintenance(self, asked: NewMaintenance) -> Maintenance:
        """Plan work with an end."""
        data = await self._post(
            "/api/v1/maintenance",
            body=asked.model_dump_json(exclude_none=True).encode(),
        )
        return self._read(data, Maintenance)

    async def end_maintenance(self, window: str) -> Maintenance:
        """End planned work now, by its id."""
        request = self._door.request(
            "DELETE", f"/api/v1/maintenance/{part(window)}"
        )
        data = await self._door.ask(request, within=self._bounds.answer)
        return self._read(data, Maintenance)

    async def reload(self) -> Reloaded:
        """Have the daemon read its configuration again."""
        data = await self._post("/-/reload", within=self._bounds.reload)
        return self._read(data, Reloaded)

    async def events(self, *, after: str = "") -> AsyncIterator[Event]:
        """Yield what happens from now on, or from after an event's id.

        Raises `NoDaemon` when the stream ends or falls silent.
        """
        headers = {"Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = after
        stream = Stream(self._door.url)
        request = self._door.request("GET", "/api/v1/events", headers=headers)
        try:
            async with self._door.listen(
                request, within=self._bounds.answer
            ) as pieces:
                while piece := await self._next(pieces):
                    for event in stream.heard(piece):
                        yield event
        except TimeoutError:
            pass
        raise NoDaemon(
            f"cannot follow the events of {self._door.url} any longer: the"
            " stream ended or fell silent; ask again from the last event's id"
        )

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Return the next piece, none at the end. Raises TimeoutError."""
        async with asyncio.timeout(self._bounds.silence):
            return await anext(pieces, b"")
