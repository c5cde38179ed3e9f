"""`canary_files: {via: url}`: we serve the inputs, and fetch over HTTP.

For servers without SSH. An output is fetched only from the server's own
origin, and the address is built from the configured one: whatever an answer
names, no request leaves for another host.
"""

import secrets
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.domain.errors import CannotReach, CannotTouch
from monitor.domain.quote import quote
from monitor.ports import CanaryFiles, Http, Placed

ROUTE = "/canary-files/"
MOST_BYTES = 32 << 20
"""Bytes of an output image; 1024x1024 pixels have 3 MB as a PNG."""
_NAME_BYTES = 24
"""192 random bits: nobody guesses such a name."""
_PORTS = {"http": 80, "https": 443}

_Origin = tuple[str, str, int]


class UrlFiles:
    """Puts inputs on our own shelf; `public_url` is where we are seen."""

    def __init__(
        self,
        shelf: MemoryShelf,
        *,
        public_url: str,
        http: Http,
        server_url: str,
    ) -> None:
        self._shelf = shelf
        self._base = public_url.rstrip("/") + ROUTE
        self._http = http
        self._server = urlsplit(server_url)

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Serve the images under new names."""
        del within
        names: list[str] = []
        try:
            for image in images:
                name = secrets.token_urlsafe(_NAME_BYTES) + ".jpg"
                self._shelf.put(name, image)
                names.append(name)
        except CannotTouch:
            self._take_off(names)
            raise
        return Placed(
            locations=tuple(self._base + name for name in names),
            receipt=tuple(names),
        )

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Return the output, if the server itself serves it."""
        del placed
        url = self._own_address(output)
        try:
            answer = await self._http.get(url, within=within, limit=MOST_BYTES)
        except CannotReach as error:
            raise CannotTouch(f"cannot fetch the output: {error}") from error
        if answer.code != HTTPStatus.OK:
            raise CannotTouch(
                f"cannot fetch {quote(output)}: answered {answer.code}"
            )
        return answer.body

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Stop serving the inputs. Outputs are the server's to remove."""
        del output, within
        if isinstance(placed.receipt, tuple):
            self._take_off(placed.receipt)

    def _take_off(self, names: Sequence[str]) -> None:
        for name in names:
            self._shelf.remove(name)

    def _own_address(self, output: str) -> str:
        named = _split(output)
        if named is None or not _same_origin(named, self._server):
            raise CannotTouch(
                f"cannot fetch {quote(output)}: it is no address on "
                f"{self._server.hostname}; use canary_files via sftp to "
                "have outputs compared"
            )
        safe = self._server._replace(
            path=named.path or "/", query=named.query, fragment=""
        )
        return safe.geturl()


def _split(address: str) -> SplitResult | None:
    if not address.isascii() or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if "@" in parts.netloc or "\\" in address else parts


def _same_origin(one: SplitResult, other: SplitResult) -> bool:
    origin = _origin(one)
    return origin is not None and origin == _origin(other)


def _origin(parts: SplitResult) -> _Origin | None:
    scheme = parts.scheme
    if scheme not in _PORTS or not parts.hostname:
        return None
    try:
        return scheme, parts.hostname, parts.port or _PORTS[scheme]
    except ValueError:
        return None


_: type[CanaryFiles] = UrlFiles
