"""Asks one address as fast as it answers, on connections that stay.

Run it in a process of its own: `http_load.py PORT PATH AT_ONCE SECONDS`
prints how many answers of code 200 came, and how many others.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Count:
    """What came back."""

    good: int = 0
    bad: int = 0


async def visitor(port: int, head: bytes, until: float, count: Count) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        await read_body(reader, answer.lower())
        if answer[9:12] == b"200":
            count.good += 1
        else:
            count.bad += 1
    writer.close()


async def read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


async def load(port: int, path: str, at_once: int, seconds: float) -> Count:
    count, until = Count(), time.monotonic() + seconds
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    visitors = [visitor(port, head, until, count) for _ in range(at_once)]
    await asyncio.gather(*visitors)
    return count


async def run(
    before: Sequence[str], port: int, path: str, at_once: int, seconds: float
) -> Count:
    """Load from a process of its own; `before` may pin it to a core."""
    words = (str(port), path, str(at_once), str(seconds))
    process = await asyncio.create_subprocess_exec(
        *before,
        sys.executable,
        __file__,
        *words,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    good, bad = map(int, said.split())
    return Count(good=good, bad=bad)


if __name__ == "__main__":
    done = asyncio.run(
        load(
            int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
        )
    )
    sys.stdout.write(f"{done.good} {done.bad}\n")
