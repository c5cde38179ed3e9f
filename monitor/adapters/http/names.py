"""Host names become addresses, off the event loop and with a bound."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

Address = tuple[socket.AddressFamily, tuple[object, ...]]
"""An address family and a socket address of it."""
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Returns a name's addresses in the order to try; raises OSError."""

THREADS = 4
"""Look-ups at a time. A dead DNS server holds each for up to 30 s."""


def literal(host: str, port: int) -> Address | None:
    """Return the address when `host` is one already."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return socket.AF_INET6, (host, port, 0, 0)
    return socket.AF_INET, (host, port)


LookUp = Callable[[str, int], Sequence[Address]]
"""A `Resolve` that blocks."""


def _look_up(host: str, port: int) -> Sequence[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class SystemNames:
    """Asks the system's resolver, in threads of its own.

    asyncio's own look-ups share their threads with everything else that is
    kept off the loop; a dead DNS server would stop all of that. A name that
    is being looked up is not looked up a second time.
    """

    def __init__(
        self, look_up: LookUp = _look_up, *, threads: int = THREADS
    ) -> None:
        self._look_up = look_up
        self._pool = ThreadPoolExecutor(threads, "resolve")
        self._asked: dict[tuple[str, int], Future[Sequence[Address]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses. Raises OSError for an unknown name."""
        key = (host, port)
        asked = self._asked.get(key)
        if asked is None:
            asked = self._pool.submit(self._look_up, host, port)
            self._asked[key] = asked
            asked.add_done_callback(lambda _: self._asked.pop(key, None))
        return await _told(asked)


async def _told(asked: Future[Sequence[Address]]) -> Sequence[Address]:
    """Wait without owning: a waiter that gives up cancels nobody else's."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Sequence[Address]] = loop.create_future()

    def hand_over() -> None:
        if waiting.cancelled():
            return
        if (error := asked.exception()) is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(asked.result())

    def tell(_: Future[Sequence[Address]]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(hand_over)

    asked.add_done_callback(tell)
    return await waiting
