"""How a daemon is asked for documents: what all calls of the client share."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import quote as escaped

import httpx
from pydantic import BaseModel

from monitor.client.answers import read
from monitor.client.door import Door

DEFAULT_URL = "http://127.0.0.1:10777"

Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long the client waits, in seconds.

    `answer`: for a whole answer; the daemon answers from memory. `look`: a
    canary may take its timeout and the transfer. `reload`: for a large
    configuration. `plan`: for a plan or to apply one; the daemon looks at
    the server and its machine first. `drill`: it looks, tries the keys and
    waits for a canary. `silence`: until a stream of events,
    which has a sign of life every 15 s, is taken for dead.
    """

    answer: float = 10.0
    look: float = 360.0
    reload: float = 60.0
    plan: float = 90.0
    drill: float = 600.0
    silence: float = 60.0


_BOUNDS = Bounds()


class Caller:
    """A daemon, spoken to over HTTP."""

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

    async def _get(
        self,
        path: str,
        model: type[Document],
        params: Mapping[str, float | str] | None = None,
        *,
        within: float | None = None,
    ) -> Document:
        request = self._door.request("GET", f"/api/v1/{path}", params=params)
        data = await self._door.ask(
            request, within=within or self._bounds.answer
        )
        return self._read(data, model)

    async def _post(
        self,
        path: str,
        *,
        body: bytes | None = None,
        within: float | None = None,
        key: str = "",
    ) -> bytes:
        """Send it with a key: whoever repeats it does it once."""
        named = {"Idempotency-Key": key or uuid.uuid4().hex}
        request = self._door.request("POST", path, headers=named, body=body)
        return await self._door.ask(
            request, within=within or self._bounds.answer
        )

    def _read(self, data: bytes, model: type[Document]) -> Document:
        return read(self._door.url, data, model)


def given(
    asked: Mapping[str, float | None], **more: str | None
) -> dict[str, float | str]:
    """Return what is asked for, without what is left open."""
    return {k: v for k, v in {**asked, **more}.items() if v is not None}


def part(name: str) -> str:
    """Return a name as one part of a path."""
    return escaped(name, safe="")
