"""Web addresses: where to connect, and what of them may be shown."""

import httpx

from monitor.adapters.http.flaws import no_address
from monitor.domain.quote import quote

_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535


def place(url: httpx.URL) -> tuple[str, int]:
    """Return the host and the port. Raises Flaw for anything but http(s).

    An address without a host is refused: the system would take us for it.
    """
    if url.scheme not in _PORTS or not url.host or _port(url) > _MAX_PORT:
        raise no_address("it is no http or https address")
    return url.raw_host.decode("ascii"), _port(url)


def shown(url: httpx.URL) -> str:
    """Return the address without credentials, query and fragment."""
    if not url.host:
        return quote(str(url))
    host = f"[{url.host}]" if ":" in url.host else url.host
    return quote(f"{url.scheme}://{host}:{_port(url)}{url.path}")


def _port(url: httpx.URL) -> int:
    return _PORTS.get(url.scheme, 0) if url.port is None else url.port
