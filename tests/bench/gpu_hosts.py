"""Simulated GPU hosts behind SSH, many in one process of their own.

Each has an address of its own in 127.0.0.0/8 and answers whatever script it
is sent with the same XML: what is measured is the other side.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.simulator.nvidia_smi.card import at_rest, make_cards
from monitor.simulator.nvidia_smi.query import query

SIZE = 46_000
"""Bytes of an answer: what one RTX 3090 prints with its supported clocks."""
BEGIN = re.compile(rb"(ffmon-[0-9a-f]+-)begin:")
HELLO = re.compile(rb'^# .*"id":"([0-9a-f]+)"')
NONE = b'{"v":1,"id":"%s","gate":"none","because":"cannot: a bench"}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Where the hosts are, and what is needed to log in."""

    addresses: tuple[str, ...]
    port: int
    key_file: Path
    known_hosts_file: Path


def address(nth: int) -> str:
    return f"127.1.{nth // 250}.{nth % 250 + 1}"


def answer(*, brief: bool = False) -> bytes:
    """Return XML of at least `SIZE` bytes, `brief` without clocks."""
    for count in range(1, 65):
        cards = make_cards("bench", count)
        text = query([(card, at_rest()) for card in cards], count, brief=brief)
        if len(text) >= SIZE:
            return text.encode()
    raise AssertionError("the simulator's answers are too short")


def run(xml: bytes) -> "asyncssh.SSHServerProcessFactory[bytes]":
    async def process(asked: asyncssh.SSHServerProcess[bytes]) -> None:
        script = await asked.stdin.readline()
        if hello := HELLO.search(script):  # there is no gate on these
            asked.stdout.write(NONE % hello[1])
            asked.exit(0)
            return
        script += await asked.stdin.read()
        found = BEGIN.search(script)
        if found is None:  # somebody else's command: a peer's
            asked.stdout.write(xml)
        else:
            mark = found[1]
            begin, end = mark + b"begin:", mark + b"end:"
            asked.stderr.write(begin)
            asked.stdout.write(begin + xml + b"\n" + end + b"0.")
        asked.exit(0)

    return process


async def serve(folder: Path, count: int) -> None:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    user_key = asyncssh.generate_private_key("ssh-ed25519")
    user_key.write_private_key(folder / "id")
    (folder / "id").chmod(0o600)
    user_key.write_public_key(folder / "authorized")
    options = asyncssh.SSHServerConnectionOptions(
        server_host_keys=[host_key],
        authorized_client_keys=str(folder / "authorized"),
        process_factory=run(answer()),
        encoding=None,
    )
    hosts = [address(nth) for nth in range(count)]
    port = 0
    for host in hosts:
        server = await asyncssh.listen(host, port, options=options)
        port = server.get_port()
    public = host_key.export_public_key().decode().strip()
    known = "".join(f"[{host}]:{port} {public}\n" for host in hosts)
    (folder / "known_hosts").write_text(known)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@asynccontextmanager
async def serving(folder: Path, count: int) -> AsyncIterator[Hosts]:
    """Run the hosts for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        str(folder),
        str(count),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield Hosts(
            addresses=tuple(address(nth) for nth in range(count)),
            port=port,
            key_file=folder / "id",
            known_hosts_file=folder / "known_hosts",
        )
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
