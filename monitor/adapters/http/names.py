"""Host names become addresses, off the event loop and with a bound."""

import asyncio
import contextlib
import functools
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from functools import partial

from monitor.adapters.threads import Threads

Address = tuple[socket.AddressFamily, tuple[object, ...]]
"""An address family and a socket address of it."""
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Returns a name's addresses in the order to try; raises OSError."""

AT_ONCE = 256
"""Look-ups at a time. A dead DNS server holds each for up to 30 s."""
PROMPT = 1.0
"""Seconds within which a name must be answered to have a thread for sure."""
REMEMBERED = 10_000
"""Names of which we know that they were answered; then we forget all."""


@functools.lru_cache(maxsize=4096)
def literal(host: str, port: int) -> Address | None:
    """Return the address when `host` is one already."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return socket.AF_INET6, (host, port, 0, 0)
    return socket.AF_INET, (host, port)


Key = tuple[str, int]
LookUp = Callable[[str, int], Sequence[Address]]
"""A `Resolve` that blocks."""


def _look_up(host: str, port: int) -> Sequence[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class SystemNames:
    """Asks the system's resolver, in threads of its own.

    A name whose DNS server is dead holds its thread for long: every name
    has one of its own, and is looked up once for all who wait. A quarter of
    the threads is kept for names that were answered promptly the last time,
    so that a dead zone with hundreds of names leaves the others alone.
    """

    def __init__(
        self, look_up: LookUp = _look_up, *, at_once: int = AT_ONCE
    ) -> None:
        self._look_up = look_up
        self._at_once = at_once
        self._threads = Threads("resolve", at_once)
        self._asked: dict[Key, Future[Sequence[Address]]] = {}
        self._prompt: set[Key] = set()

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses. Raises OSError for an unknown name."""
        key = (host, port)
        return await _told(self._asked.get(key) or self._ask(key))

    def _ask(self, key: Key) -> Future[Sequence[Address]]:
        if not self._has_place(key):
            raise socket.gaierror(
                socket.EAI_AGAIN, "Too many other names wait for DNS"
            )
        asked = self._threads.submit(partial(self._look_up, *key))
        self._asked[key] = asked
        asked.add_done_callback(partial(self._done, key, time.monotonic()))
        return asked

    def _has_place(self, key: Key) -> bool:
        asked = tuple(self._asked)
        if key in self._prompt:
            return len(asked) < self._at_once
        doubtful = sum(other not in self._prompt for other in asked)
        return doubtful < self._at_once * 3 // 4 and len(asked) < self._at_once

    def _done(self, key: Key, begun: float, _: object) -> None:
        if len(self._prompt) >= REMEMBERED:
            self._prompt.clear()
        if time.monotonic() - begun <= PROMPT:
            self._prompt.add(key)
        else:
            self._prompt.discard(key)
        self._asked.pop(key, None)


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
