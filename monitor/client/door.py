"""The door to httpx: one request at a time, bounded in time and size."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from monitor import __version__
from monitor.client.answers import refusal
from monitor.client.errors import NoDaemon, NotOurs
from monitor.client.unreached import unreached
from monitor.domain.errors import ConfigurationError

LIMIT = 16 * 1024 * 1024
"""Bytes of an answer; a thousand targets with their checks have 4 MB."""
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"facefusion-monitor/{__version__}",
}


class Door:
    """Requests to one daemon.

    No redirects are followed and no proxies of the environment used, so
    that a token goes nowhere else. TLS is verified, with the machine's
    authorities (SSL_CERT_FILE counts) or those of `ca_file`.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        ca_file: Path | None,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(
            headers=_HEADERS | headers,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - asyncio.timeout bounds the whole
            transport=transport,
            trust_env=False,
            verify=_trust(ca_file),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | float] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx.Request:
        """Return a request with our headers. A body must be JSON."""
        asked = dict(headers or {})
        if body is not None:
            asked["Content-Type"] = "application/json"
        return self._client.build_request(
            method, self.url + path, params=params, headers=asked, content=body
        )

    async def ask(self, request: httpx.Request, *, within: float) -> bytes:
        """Return the body of a success. Raises `ClientError`."""
        try:
            async with asyncio.timeout(within):
                async with self._sent(request) as response:
                    return await self._all(response)
        except TimeoutError:
            raise NoDaemon(
                f"cannot get an answer of the daemon at {self.url} within"
                f" {within:g} s; it may be busy or hung: see its log"
            ) from None

    @asynccontextmanager
    async def listen(
        self, request: httpx.Request, *, within: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield the pieces of an answer that has no end.

        `within` is for its beginning; whoever reads on bounds the rest.
        """
        async with self._sent(request, within) as response:
            if not response.is_success:
                async with asyncio.timeout(within):
                    await self._all(response)
            yield response.aiter_raw()

    @asynccontextmanager
    async def _sent(
        self, request: httpx.Request, within: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        try:
            async with asyncio.timeout(within):
                response = await self._client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise unreached(self.url, error) from None

    async def _all(self, response: httpx.Response) -> bytes:
        """Return the whole body, or raise what the answer means."""
        data = bytearray()
        async for piece in response.aiter_raw():
            data += piece
            if len(data) > LIMIT:
                raise NotOurs(
                    f"cannot use the answer of {self.url}: it is longer than"
                    f" {LIMIT} bytes; is it a facefusion-monitor?"
                )
        if response.is_success:
            return bytes(data)
        kind = response.headers.get("content-type", "").partition(";")[0]
        raise refusal(
            self.url,
            response.status_code,
            kind.strip().lower(),
            bytes(data),
            response.headers.get("location", ""),
        )


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"cannot use the CA file {ca_file}: {error.strerror or error};"
            " it must be readable and hold certificates in PEM form"
        ) from None
