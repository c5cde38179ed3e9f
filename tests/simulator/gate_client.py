"""A client of simulated gates that speaks the protocol by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh

from monitor.adapters.gate.start import COMMAND
from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import Visitor

GREETED = "greeted"
SCRIPT = b"echo a shell would run this\nexit 3\n"
Body = dict[str, Any]


class GateClient:
    """One open line to a gate; answers are sorted from events."""

    def __init__(self, process: "asyncssh.SSHClientProcess[bytes]") -> None:
        self.process = process
        self.events: list[Body] = []
        self._asked = 0

    async def send(self, line: bytes) -> None:
        self.process.stdin.write(line)

    async def hear(self, within: float = 5.0) -> Body:
        """Return the next object. Raises EOFError at the end."""
        try:
            async with asyncio.timeout(within):
                line = await self.process.stdout.readline()
        except asyncssh.Error:
            raise EOFError from None
        if not line:
            raise EOFError
        return dict(json.loads(line))

    async def start(self, verb: str, **fields: object) -> str:
        """Send a request and return its id."""
        self._asked += 1
        asked = {"v": 1, "id": str(self._asked), "verb": verb, **fields}
        await self.send(json.dumps(asked).encode() + b"\n")
        return str(self._asked)

    async def answer(self, asked: str, within: float = 5.0) -> Body:
        """Return the answer to a request; events on the way are kept."""
        while True:
            said = await self.hear(within)
            if said.get("id") == asked:
                return said
            self.events.append(said)

    async def ask(self, verb: str, **fields: object) -> Body:
        return await self.answer(await self.start(verb, **fields))

    async def observe(self, **parts: Body) -> Body:
        """Return the parts of an observation that leaves no gap."""
        said = await self.ask("observe", within=8.0, parts=parts)
        assert said["gaps"] == []
        return dict(said["parts"])

    async def until_a_job_runs(self) -> None:
        for _ in range(1000):
            if (await self.observe(jobs={}))["jobs"]["started"]:
                return
        raise AssertionError("no job began")

    async def event(self, *kinds: str) -> Body:
        """Return the next event of one of these kinds."""
        while True:
            said = self.events.pop(0) if self.events else await self.hear()
            if said.get("event") in kinds:
                return said


def greeting(script: bytes = SCRIPT) -> bytes:
    hello = {"v": 1, "id": GREETED, "verb": "hello", "skip": len(script)}
    text = json.dumps(hello, separators=(",", ":"))
    return f"# {text}\n".encode() + script


@asynccontextmanager
async def gate(
    visitor: Visitor, host: SimulatedHost
) -> AsyncIterator[GateClient]:
    """Meet the gate of a host."""
    async with visitor.ssh(host) as connection:
        process = await connection.create_process(COMMAND, encoding=None)
        client = GateClient(process)
        await client.send(greeting())
        assert (await client.hear())["id"] == GREETED
        yield client
        process.close()


_CURSORS: dict[tuple[Path, str], object] = {}
_LINES = {"kernel": "entries", "log": "lines"}


async def new_lines(visitor: Visitor, host: SimulatedHost, part: str) -> str:
    """Return what a log has got since it was last asked for here."""
    async with gate(visitor, host) as client:
        asked = {"cursor": _CURSORS.get((host.workdir, part))}
        seen = (await client.observe(**{part: asked}))[part]
    _CURSORS[host.workdir, part] = seen["cursor"]
    return "\n".join(line["text"] for line in seen[_LINES[part]])
