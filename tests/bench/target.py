"""A FaceFusion server that costs next to nothing, in its own process."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from typing_extensions import override

BODY = b'{"status": "online", "version": "3.5.4", "queue_size": 0}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: bench\r\n"
    b"Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(BODY), BODY)
)


class Server(asyncio.Protocol):
    """Answers each request with the same bytes, and closes."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, _: bytes) -> None:
        self.transport.write(ANSWER)
        self.transport.close()


async def serve(host: str) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, host, 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run the server for as long as the block lasts, and give its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, host, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
