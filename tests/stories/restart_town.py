"""Simulated hosts that may be acted on, and monitors that may be killed."""

import asyncio
import json
import re
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.booting import USUAL, Pace
from monitor.simulator.machine.happenings import Happening

PEOPLE = ("ann", "bob")
NONCE_LASTS = 2.0
"""Seconds that a nonce of a simulated machine lasts in these stories."""
HURRY = {
    "status": {
        "interval": "1s",
        "timeout": "900ms",
        "confirm_interval": "300ms",
    },
    "gpu": {"interval": "1s"},
    "host": {"interval": "1s"},
}
ROOT = Path(__file__).parents[2]
_STEP = 0.05
_numbers = count(1)
Answer = dict[str, Any]


def write(
    hosts: list[SimulatedHost], folder: Path, recovery: Mapping[str, object]
) -> Path:
    """Write a configuration without canaries: a proof is short then."""
    path = write_configuration(
        hosts, folder, listen="127.0.0.1:0", people=PEOPLE
    )
    settings = yaml.safe_load(path.read_text())
    settings["defaults"] = HURRY
    settings["log"] = {"format": "json"}
    for target in settings["targets"]:
        target.update(canaries=[], recovery=dict(recovery))
        del target["canary_budget"], target["browser"]
    path.write_text(yaml.safe_dump(settings))
    return path


class Starts:
    """Counts how often FaceFusion was started on a simulated machine."""

    def __init__(self, host: SimulatedHost) -> None:
        self.count = 0
        inside = host._inside  # noqa: SLF001 - the machine's own memory
        inside.world.happenings.listen(self._hear)

    def _hear(self, happening: Happening) -> None:
        self.count += happening.event == "started"


@dataclass
class Monitor:
    """A daemon that may die, and what people ask of it."""

    url: str
    process: Process
    folder: Path
    log: Path
    clients: dict[int, httpx.AsyncClient] = field(default_factory=dict)

    async def ask(  # noqa: PLR0913 - all that two requests may differ in
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str = "ann",
        key: str = "",
        peer: int = 1,
    ) -> httpx.Response:
        """Ask from one of several machines: each may ask only so often."""
        secret = (self.folder / by).read_text().strip()
        headers = {"Authorization": f"Bearer {secret}"}
        if key:
            headers["Idempotency-Key"] = key
        return await self._client(peer).request(
            method, path, json=body, headers=headers
        )

    def _client(self, peer: int) -> httpx.AsyncClient:
        if peer not in self.clients:
            home = f"127.0.0.{peer}"
            self.clients[peer] = httpx.AsyncClient(
                base_url=f"{self.url}/api/v1/",
                timeout=40,
                transport=httpx.AsyncHTTPTransport(local_address=home),
            )
        return self.clients[peer]

    async def get(self, path: str) -> Answer:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def plans(
        self, target: str = "studio", peer: int = 1
    ) -> httpx.Response:
        body = {"action": "restart", "reason": "it is sick"}
        path = f"targets/{target}/plans"
        return await self.ask("POST", path, body, peer=peer)

    async def until(
        self, path: str, holds: Callable[[Answer], bool], within: float = 30
    ) -> Answer:
        """Ask again and again, until what is told is so."""
        told: Answer = {}
        try:
            async with asyncio.timeout(within):
                while not (told and holds(told)):
                    await asyncio.sleep(_STEP)
                    told = await self.get(path)
        except TimeoutError:
            raise AssertionError(
                f"not within {within} s: {str(told)[:600]}"
            ) from None
        return told

    async def is_diagnosed(
        self, cause: str, target: str = "studio", within: float = 30
    ) -> None:
        await self.until(
            f"targets/{target}", lambda told: _cause(told) == cause, within
        )

    async def ends(self, change: str, within: float = 30) -> Answer:
        return await self.until(
            f"changes/{change}", lambda told: bool(told["outcome"]), within
        )

    async def entries(self) -> list[Answer]:
        """Return the whole audit."""
        found: list[Answer] = []
        while True:
            after = found[-1]["sequence"] if found else 0
            part = await self.get(f"audit?limit=1000&after={after}")
            found += part["entries"]
            if len(part["entries"]) < 1000:
                return found

    async def died(self) -> None:
        """Return when it has killed itself, with nothing left to hear."""
        async with asyncio.timeout(30):
            assert await self.process.wait() == -9, self.said()

    def said(self) -> str:
        return self.log.read_text()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        for client in self.clients.values():
            await client.aclose()
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(20):
                code = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            code = await self.process.wait()
        if kind is None:
            assert code in {0, -9}, (code, self.said()[-2000:])
            assert "Traceback" not in self.said(), self.said()


def _cause(told: Answer) -> str:
    return str((told["diagnosis"] or {}).get("cause"))


async def begin(
    config: Path,
    folder: Path,
    *,
    crashing: bool = False,
    module: str = "monitor",
) -> Monitor:
    """Start a daemon; a crashing one heeds `fuse` in its folder.

    All keep their state where the configuration says. `module` is the one
    that runs it: the product's, or a story's own.
    """
    log = folder / f"daemon-{next(_numbers)}.log"
    run = [module, "run", "--config", str(config)]
    if crashing:
        run = ["tests.stories.crashing_daemon", str(config), str(folder)]
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *run, cwd=ROOT, stderr=stderr
        )
    try:
        async with asyncio.timeout(30):
            while not (found := _URL.search(log.read_text())):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(_STEP)
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    return Monitor(found[0], process, folder, log)


_URL = re.compile(r"https?://[^\s\"]+(?=.*watching)|https?://[^\s\"]+")


@asynccontextmanager
async def sick_studio(
    folder: Path, recovery: Mapping[str, object], pace: Pace = USUAL
) -> AsyncIterator[tuple[SimulatedHost, Path]]:
    """Run a simulated host, and write a configuration that may act on it."""
    host = SimulatedHost("studio", workdir=folder / "studio", pace=pace)
    await host.start()
    try:
        yield host, write([host], folder, recovery)
    finally:
        await host.stop()


def arm(folder: Path, *point: object) -> None:
    """Let the next daemons die at a call: name, how many-th, when, how."""
    file = folder / "fuse.new"
    file.write_text(json.dumps(point) if point else "")
    file.replace(folder / "fuse")


def rows(folder: Path, sql: str) -> list[Any]:
    """Ask, or change, the state database behind a monitor's back."""
    with closing(sqlite3.connect(folder / "state.db", timeout=10)) as db, db:
        return db.execute(sql).fetchall()
