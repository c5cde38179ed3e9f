"""Fetches a canary input over HTTP, from this machine only."""

import asyncio
import ipaddress
from urllib.parse import SplitResult, urlsplit

import h11

from monitor.domain.errors import MonitorError

_WITHIN = 5.0
_CHUNK = 65536
_OK = 200


class NotFetched(MonitorError):
    """The address is not one to fetch from, or did not give an image."""


async def fetch(url: str, *, limit: int) -> bytes:
    """Return what a loopback http address serves, at most `limit` bytes.

    Raises `NotFetched`, also after 5 seconds and for a redirect.
    """
    place = loopback(url)
    try:
        async with asyncio.timeout(_WITHIN):
            return await _get(place, limit)
    except TimeoutError:
        raise NotFetched(
            f"cannot fetch {_shown(place)}: no whole answer in {_WITHIN:g} s"
        ) from None
    except (OSError, h11.ProtocolError) as error:
        raise NotFetched(f"cannot fetch {_shown(place)}: {error}") from None


def loopback(url: str) -> SplitResult:
    """Return the parts of a loopback http address. Raises `NotFetched`."""
    try:
        place = urlsplit(url)
        host, _ = place.hostname or "", place.port
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local or place.scheme != "http":
        raise NotFetched(
            "cannot fetch that address: the simulator only fetches http"
            " addresses of this machine"
        )
    return place


async def _get(place: SplitResult, limit: int) -> bytes:
    reader, writer = await asyncio.open_connection(
        place.hostname, place.port or 80
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        path = (place.path or "/") + (f"?{place.query}" if place.query else "")
        request = h11.Request(
            method="GET",
            target=path,
            headers=[("Host", place.netloc), ("Connection", "close")],
        )
        for message in (request, h11.EndOfMessage()):
            writer.write(connection.send(message) or b"")
        return await _body(connection, reader, _shown(place), limit)
    finally:
        writer.close()


async def _body(
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    name: str,
    limit: int,
) -> bytes:
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response) and event.status_code != _OK:
            raise NotFetched(
                f"cannot fetch {name}: it answers {event.status_code}"
            )
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > limit:
                raise NotFetched(f"cannot fetch {name}: over {limit} bytes")
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return bytes(body)


def _shown(place: SplitResult) -> str:
    return f"{place.scheme}://{place.hostname}:{place.port or 80}{place.path}"
