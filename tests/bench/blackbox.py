"""Debian's prometheus-blackbox-exporter, the peer of our probes."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
modules:
  status:
    prober: http
    timeout: 5s
    http: {preferred_ip_protocol: ip4}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackbox:
    """A running exporter."""

    port: int
    pid: int


def path() -> str | None:
    """Return where the program is, None when it is not installed."""
    return shutil.which("prometheus-blackbox-exporter")


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@asynccontextmanager
async def running(
    folder: Path,
    *before: str,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Blackbox]:
    """Run it for as long as the block lasts; `before` may pin it."""
    (folder / "blackbox.yml").write_text(CONFIG)
    port, program = free_port(), path()
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        *before,
        program,
        f"--config.file={folder}/blackbox.yml",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **(environ or {})},
    )
    try:
        await _listens(port)
        yield Blackbox(port=port, pid=process.pid)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError("blackbox_exporter does not listen after 10 s")
