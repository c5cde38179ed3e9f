"""The simulated backend's client: one request to a simulated server."""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import SplitResult

import h11

from monitor.simulator.fetch import NotFetched, loopback

_LIMIT = 1 << 20
"""Bytes of an answer."""
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the server answered."""

    code: int
    body: bytes = field(repr=False)


async def ask(
    url: str, parameters: dict[str, object] | None, *, within: float
) -> Told:
    """Get a loopback http address, or post parameters to it as JSON.

    Raises `NotFetched` when no whole answer came in `within` seconds, and
    for addresses of other machines.
    """
    place = loopback(url)
    try:
        async with asyncio.timeout(within):
            return await _talk(place, parameters)
    except (OSError, h11.ProtocolError) as error:  # TimeoutError is one
        said = str(error) or type(error).__name__
        raise NotFetched(f"cannot ask {place.netloc}: {said}") from None


async def _talk(
    place: SplitResult, parameters: dict[str, object] | None
) -> Told:
    reader, writer = await asyncio.open_connection(
        place.hostname, place.port or 80
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        writer.write(_request(connection, place, parameters))
        return await _answer(connection, reader)
    finally:
        writer.close()


def _request(
    connection: h11.Connection,
    place: SplitResult,
    parameters: dict[str, object] | None,
) -> bytes:
    body = b"" if parameters is None else json.dumps(parameters).encode()
    request = h11.Request(
        method="GET" if parameters is None else "POST",
        target=place.path or "/",
        headers=[
            ("Host", place.netloc),
            ("Connection", "close"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ],
    )
    messages = (request, h11.Data(data=body), h11.EndOfMessage())
    return b"".join(connection.send(one) or b"" for one in messages)


async def _answer(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> Told:
    code, body = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            code = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _LIMIT:
                raise NotFetched(f"cannot take over {_LIMIT} bytes")
        else:
            return Told(code=code, body=bytes(body))
