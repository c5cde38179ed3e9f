"""A FaceFusion status endpoint that counts who asked, and when."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: 16\r\nConnection: close\r\n\r\n"
    b'{"status": "ok"}'
)
SICK = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class CountingServer:
    """Answers below /NAME/ and remembers each look by NAME."""

    def __init__(self) -> None:
        self.looks: defaultdict[str, list[float]] = defaultdict(list)
        self.sick: set[str] = set()
        self.port = 0
        self._looked = asyncio.Condition()

    async def until(self, holds: Callable[[], bool], *, within: float) -> None:
        """Wait for looks until it holds."""
        async with asyncio.timeout(within), self._looked:
            await self._looked.wait_for(holds)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ")[1].decode().split("/")[1]
            self.looks[name].append(time.monotonic())
            async with self._looked:
                self._looked.notify_all()
            writer.write(SICK if name in self.sick else ANSWER)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def counting() -> AsyncIterator[CountingServer]:
    counts = CountingServer()
    server = await asyncio.start_server(
        counts.answer, "127.0.0.1", 0, backlog=1000
    )
    counts.port = server.sockets[0].getsockname()[1]
    async with server:
        yield counts
