"""Follows a server's diagnosis and its pages through a story."""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import yaml

from tests.machines.host import SystemdHost
from tests.machines.mischief import Mischief
from tests.stories.daemon import Daemon
from tests.stories.machine_town import TARGET, looks

EVERY = 0.2
"""Seconds between two scrapes."""
MEANWHILE = frozenset({"none", "no_data", "starting"})
"""What may be said before the right cause is known, and after it."""
HEALED_WITHIN = 45.0
_DIAGNOSIS = re.compile(
    r'^facefusion_diagnosis\{[^}]*cause="(\w+)"', re.MULTILINE
)
_PAGE = re.compile(r"^facefusion_page\{([^}]*)\}", re.MULTILINE)
_STEP = 0.05
Page = tuple[str, str]
"""A cause and a severity."""


@dataclass(frozen=True)
class Named:
    """A diagnosis, as far as a story is told with it."""

    cause: str
    health: str
    severity: str
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one scrape said of the server."""

    cause: str
    pages: tuple[Page, ...] = ()


class Ear:
    """Scrapes in a thread of its own: what a test does may hold its loop."""

    def __init__(self, url: str) -> None:
        self.heard: list[Said] = []
        self._client = httpx.Client(base_url=url, timeout=5)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._client.close()

    def _listen(self) -> None:
        while not self._over.wait(EVERY):
            try:
                said = _said(self._client.get("/metrics").text)
            except httpx.HTTPError:  # the next scrape tells
                continue
            if not self.heard or self.heard[-1] != said:
                self.heard.append(said)


class Story:
    """One fault on a machine, from well to well."""

    def __init__(self, host: SystemdHost, daemon: Daemon, ear: Ear) -> None:
        self.host = host
        self.daemon = daemon
        self.mischief = Mischief(host)
        self._ear = ear
        self._history = ""

    def begins(self) -> None:
        """Forget what was said until now: the fault is next."""
        self._ear.heard[:] = self._ear.heard[-1:]

    async def tells(self, told: Named, *, within: float) -> None:
        """Wait for this diagnosis, with its health, severity, remedies."""
        cause, end = told.cause, time.monotonic() + within
        await self._until(lambda said: said.cause == cause, cause, within)
        while (now := _named(await self._told())) != told:
            assert time.monotonic() < end, now
            await asyncio.sleep(_STEP)  # its health may still get worse

    async def heals(self, *, host: float = 1) -> None:
        """Undo every fault, and wait until nothing is said any more."""
        self.mischief.undo()
        await self.is_well(host=host)

    async def is_well(self, *, host: float = 1) -> None:
        """Wait until every check is fine, nothing said and nobody paged.

        `host` is how a look at the machine ends: it remembers killed
        processes for ten minutes.
        """
        of_target = ("status", "network", "process", "logs", "jobs")
        fine = looks(dict.fromkeys(of_target, 1), {"gpu": 1, "host": host})
        await self.daemon.until(fine, within=HEALED_WITHIN)
        well = Said(cause="none")
        await self._until(lambda said: said == well, "none", HEALED_WITHIN)
        self._history = yaml.safe_dump(await self._told("/history"))

    def causes(self) -> list[str]:
        """Return the causes that were named, in their order."""
        named: list[str] = []
        for said in self._ear.heard:
            if said.cause not in {*MEANWHILE, *named[-1:]}:
                named.append(said.cause)
        return named

    def pages(self) -> list[Page]:
        """Return the pages that went out, in their order."""
        every = [page for said in self._ear.heard for page in said.pages]
        return list(dict.fromkeys(every))

    def only(self, *told: Named) -> None:
        """Assert that these were named and paged, and nothing else."""
        named = [one.cause for one in told]
        paged = [
            (one.cause, one.severity) for one in told if one.severity != "info"
        ]
        assert self.causes() == list(dict.fromkeys(named)), self._history
        assert self.pages() == paged, self._history

    async def _until(
        self, holds: Callable[[Said], bool], what: str, within: float
    ) -> None:
        heard, end = self._ear.heard, time.monotonic() + within
        while not heard or not holds(heard[-1]):
            if time.monotonic() > end:
                told = yaml.safe_dump(await self._told())
                msg = f"not {what} within {within} s: {heard}\n{told}"
                raise AssertionError(msg)
            await asyncio.sleep(_STEP)  # a scrape cannot be waited for

    async def _told(self, more: str = "") -> dict[str, Any]:
        where = f"/api/v1/targets/{TARGET}{more}"
        answer = await self.daemon.client.get(where)
        told: dict[str, Any] = answer.json()
        return told


@asynccontextmanager
async def story_of(host: SystemdHost, daemon: Daemon) -> AsyncIterator[Story]:
    """Listen to a daemon; whatever a story did is undone after it."""
    ear = Ear(daemon.url)
    story = Story(host, daemon, ear)
    ear.open()
    try:
        await story.is_well()
        story.begins()
        yield story
    finally:
        story.mischief.undo()
        ear.close()


def _named(target: dict[str, Any]) -> Named:
    told = target["diagnosis"]
    return Named(
        told["cause"],
        told["health"],
        told["severity"],
        tuple(told["remedies"]),
    )


def _said(text: str) -> Said:
    causes = _DIAGNOSIS.findall(text)
    assert len(causes) <= 1, causes
    return Said(
        cause=causes[0] if causes else "no_data",
        pages=tuple(sorted(map(_page, _PAGE.findall(text)))),
    )


def _page(labels: str) -> Page:
    found = dict(re.findall(r'(\w+)="([^"]*)"', labels))
    return found["cause"], found["severity"]
