"""One method for each thing that a daemon can be asked."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import quote as escaped

import httpx
from pydantic import BaseModel

from monitor.client.answers import read
from monitor.client.door import Door
from monitor.client.errors import NoDaemon
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

DEFAULT_URL = "http://127.0.0.1:10777"

Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long the client waits, in seconds.

    `answer`: for a whole answer; the daemon answers from memory. `look`: a
    canary may take its timeout and the transfer. `reload`: for a large
    configuration. `silence`: until a stream of events, which has a sign of
    life every 15 s, is taken for dead.
    """

    answer: float = 10.0
    look: float = 360.0
    reload: float = 60.0
    silence: float = 60.0


_BOUNDS = Bounds()


class Client:
    """A daemon, spoken to over HTTP.

    Every method raises `ClientError`: `NoDaemon`, `NotOurs`, `NotAllowed`,
    `Refused`, `Unknown`. Use it as an async context manager. `transport`
    is for tests, such as `httpx.ASGITransport`.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        token: str = "",
        ca_file: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        bounds: Bounds = _BOUNDS,
    ) -> None:
        self._bounds = bounds
        self._door = Door(
            url, token=token, ca_file=ca_file, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._door.close()

    async def targets(self) -> Targets:
        """Return every target, without its checks."""
        return await self._get("targets", Targets)

    async def target(self, name: str) -> TargetInFull:
        """Return one target with its checks."""
        return await self._get(f"targets/{_part(name)}", TargetInFull)

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
            f"targets/{_part(target)}/history",
            History,
            _given(asked),
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
        return await self._get("pages", Pages, _given(asked, target=target))

    async def hosts(self) -> Hosts:
        """Return every GPU machine, without its checks."""
        return await self._get("hosts", Hosts)

    async def host(self, name: str) -> HostInFull:
        """Return one GPU machine with its checks."""
        return await self._get(f"hosts/{_part(name)}", HostInFull)

    async def run_check(self, target: str, check: str) -> LookResult:
        """Look now, and return what was seen and what it changed."""
        path = f"/api/v1/targets/{_part(target)}/checks/{_part(check)}/run"
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
            "DELETE", f"/api/v1/maintenance/{_part(window)}"
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

    async def _get(
        self,
        path: str,
        model: type[Document],
        params: Mapping[str, float | str] | None = None,
    ) -> Document:
        request = self._door.request("GET", f"/api/v1/{path}", params=params)
        data = await self._door.ask(request, within=self._bounds.answer)
        return self._read(data, model)

    async def _post(
        self,
        path: str,
        *,
        body: bytes | None = None,
        within: float | None = None,
    ) -> bytes:
        """Send it with a key: whoever repeats it does it once."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        request = self._door.request("POST", path, headers=key, body=body)
        return await self._door.ask(
            request, within=within or self._bounds.answer
        )

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Return the next piece, none at the end. Raises TimeoutError."""
        async with asyncio.timeout(self._bounds.silence):
            return await anext(pieces, b"")

    def _read(self, data: bytes, model: type[Document]) -> Document:
        return read(self._door.url, data, model)


def _given(
    asked: Mapping[str, float | None], **more: str | None
) -> dict[str, float | str]:
    """Return what is asked for, without what is left open."""
    return {k: v for k, v in {**asked, **more}.items() if v is not None}


def _part(name: str) -> str:
    """Return a name as one part of a path."""
    return escaped(name, safe="")
