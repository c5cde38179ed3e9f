"""Name servers without DNS: what a name leads to is said by the test."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from monitor.adapters.http.names import Address, Resolve


def leads_to(*hosts: str) -> Resolve:
    """A name server that knows every name, with these addresses."""

    async def resolve(_: str, port: int) -> Sequence[Address]:
        return [_address(host, port) for host in hosts]

    return resolve


async def unknown(_: str, __: int) -> Sequence[Address]:
    """A name server that knows no name."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def silent(_: str, __: int) -> Sequence[Address]:
    """A name server that never answers."""
    await asyncio.Event().wait()
    return []


def _address(host: str, port: int) -> Address:
    if ipaddress.ip_address(host).version == 6:
        return socket.AF_INET6, (host, port, 0, 0)
    return socket.AF_INET, (host, port)
