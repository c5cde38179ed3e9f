"""Host names, IP addresses, and where to listen."""

import ipaddress
import re
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer
from typing_extensions import override

from monitor.config.values.refusal import Refusal, Refused

_PART = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)
_ENDPOINT = re.compile(r"(?:\[([^\]]*)\]|([^:\[\]]*)):(\d{1,5})", re.ASCII)
_LONGEST = 253  # RFC 1035 §2.3.4, without the final dot
_HIGHEST_PORT = 65535


class Endpoint(NamedTuple):
    """A host and a TCP port."""

    host: str
    port: int

    @override
    def __str__(self) -> str:
        """Return `host:port`, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def is_host(text: str) -> bool:
    """Return whether it is a host name or an IP address.

    Underscores are allowed, since Docker Compose names hosts so. A name
    whose last part is a number is a mistyped IPv4 address.
    """
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _is_host_name(text)
    return "%" not in text


def parse_host(value: object) -> object:
    """Return the address as it is; raises `Refused` when it is none."""
    if not isinstance(value, str) or is_host(value):
        return value
    hint = "write a host name, an IPv4 or an IPv6 address"
    if "@" in value:
        hint = "write the user as a setting of its own: user"
    elif value.count(":") == 1 or value.startswith("["):
        hint = "write the port as a setting of its own: port"
    raise Refused(Refusal(what="{value} is not an address", hint=hint))


def parse_endpoint(value: object, *, lowest_port: int = 1) -> Endpoint:
    """Return the endpoint for `host:port` or `[::1]:port`."""
    if isinstance(value, Endpoint):
        return value
    found = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
    host = (found[1] or found[2] or "") if found else ""
    if not found or not is_host(host) or (":" in host) != bool(found[1]):
        raise Refused(
            Refusal(
                what="{value} is not host:port",
                hint="write 127.0.0.1:10777 or [::1]:10777, for example",
            )
        )
    if not lowest_port <= int(found[3]) <= _HIGHEST_PORT:
        raise Refused(
            Refusal(
                what="{value} has an impossible port",
                hint=f"ports are {lowest_port} to {_HIGHEST_PORT}",
            )
        )
    return Endpoint(host=host, port=int(found[3]))


def _is_host_name(text: str) -> bool:
    parts = text.removesuffix(".").split(".")
    return (
        len(text) <= _LONGEST
        and all(_PART.fullmatch(part) for part in parts)
        and not parts[-1].isdigit()
    )


_WRITTEN = Annotated[str, Field(pattern=r"^(\[[^\]]+\]|[^:]+):\d{1,5}$")]
_AS_TEXT = PlainSerializer(str, return_type=str, when_used="json")

HostAddress = Annotated[str, BeforeValidator(parse_host)]
"""A host name, an IPv4 or an IPv6 address, without a port."""

Reachable = Annotated[
    Endpoint, BeforeValidator(parse_endpoint, _WRITTEN), _AS_TEXT
]
"""Somewhere to connect to."""

Listen = Annotated[
    Endpoint,
    BeforeValidator(partial(parse_endpoint, lowest_port=0), _WRITTEN),
    _AS_TEXT,
]
"""Somewhere to listen; port 0 lets the system choose one."""
