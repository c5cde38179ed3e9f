"""A FaceFusion server that says exactly how long a job took it.

In a process of its own. It works by waiting; `seconds` in its answer is the
time from the last byte of the request to the first of the answer, by its own
clock.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from typing_extensions import override

WORK = 0.02
"""Seconds of a job; the error does not depend on it."""
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Content-Length: {}\r\nConnection: close\r\n\r\n"
)


class Server(asyncio.Protocol):
    """Reads one request to its end, works, answers, and closes."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.read = b""

    @override
    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            arrived = time.monotonic()
            loop = asyncio.get_running_loop()
            wait = WORK if head.startswith(b"POST") else 0.0
            loop.call_later(wait, self._answer, arrived)

    def _answer(self, arrived: float) -> None:
        fields = {"output_path": "/out.png", "status": "online"}
        spent = time.monotonic() - arrived
        body = json.dumps({**fields, "seconds": spent})
        self.transport.write((HEAD.format(len(body)) + body).encode())
        self.transport.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@asynccontextmanager
async def working() -> AsyncIterator[str]:
    """Run the server for as long as the block lasts, and give its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(serve())
