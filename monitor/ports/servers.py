"""The doors to a server: its own API, its backend, and the network."""

from collections.abc import (
    Mapping,
)
from typing import Protocol

from monitor.domain.answer import Answer
from monitor.domain.canary.job import Batch, Job
from monitor.domain.certificate import Certificate
from monitor.domain.network import Pinged


class FaceFusion(Protocol):
    """A FaceFusion server, spoken to in one dialect.

    Every method raises `CannotReach` when no usable answer came
    within `within` seconds; an answer of any code is returned, not judged.
    """

    dialect: str

    async def status(self, *, within: float) -> Answer:
        """Ask for the status on a connection of its own."""
        ...

    async def run(self, job: Job, *, within: float) -> Answer:
        """Run one job. `Answer.duration` is what a client waits."""
        ...


class Backend(Protocol):
    """The StoryCanvas backend, as the second way to a server.

    Every method raises `CannotReach` when no usable answer came within
    `within` seconds; an answer of any code is returned, not judged.
    """

    api: str

    async def status(self, *, within: float) -> Answer:
        """Ask the backend what it thinks of the server."""
        ...

    async def batch(self, job: Batch, *, within: float) -> Answer:
        """Run several operations on one image in one request."""
        ...


class Net(Protocol):
    """Looks at the way to an address, below HTTP."""

    async def tcp(self, host: str, port: int, *, within: float) -> float:
        """Return the seconds of a TCP handshake. Raises `CannotReach`."""
        ...

    async def ping(self, host: str, *, count: int, within: float) -> Pinged:
        """Return what came back of `count` pings.

        Raises `CannotReach` with reason `forbidden` where we may not ping.
        """
        ...

    async def certificate(
        self, host: str, port: int, *, within: float
    ) -> Certificate:
        """Return what a TLS server presents. Raises `CannotReach`."""
        ...


class Http(Protocol):
    """Fetches one address for us, without following redirects."""

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        """Return the answer, its body at most `limit` bytes long.

        Raises `CannotReach` after `within` seconds, for a longer body, and
        for a server that cannot be reached.
        """
        ...


class Preflight(Protocol):
    """Asks a server what a browser would ask before it sends a job."""

    async def preflight(
        self, url: str, *, headers: Mapping[str, str], within: float
    ) -> Answer:
        """Return the answer to OPTIONS, with its headers.

        Raises `CannotReach` when none came within `within` seconds.
        """
        ...
