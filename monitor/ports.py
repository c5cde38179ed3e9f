"""The doors of the house, as seen from inside: one Protocol each.

Adapters open them to the world, tests/fakes/ to a world of their own.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.answer import Answer
from monitor.domain.canary.image import Box, Measures
from monitor.domain.canary.job import Job
from monitor.domain.judgement import Transition
from monitor.domain.observation import CheckKey, Observation


class Clock(Protocol):
    """The time of day and the time that passes, both in seconds."""

    def now(self) -> float:
        """Return Unix time."""
        ...

    def monotonic(self) -> float:
        """Return a clock that never jumps, for measuring lengths."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run that is due: its planned Unix time, and runs lost before it."""

    at: float
    missed: int = 0


Turn = Callable[[Due], Awaitable[None]]


class Scheduler(Protocol):
    """Calls turns when they are due, late rather than never."""

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        """Call `turn` at the Unix time `first` and every `interval` s."""
        ...

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        """Call `turn` at the Unix time `at`; replaces an earlier `name`."""
        ...

    def cancel(self, name: str) -> None:
        """Forget `name`; unknown names are no error."""
        ...


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


class Http(Protocol):
    """Fetches one address for us, without following redirects."""

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        """Return the answer, its body at most `limit` bytes long.

        Raises `CannotReach` after `within` seconds, for a longer body, and
        for a server that cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a remote command did. Errors of nvidia-smi are on stdout.

    `code` is the exit code; `duration` is in seconds.
    """

    code: int
    stdout: bytes
    stderr: bytes
    duration: float


class Shell(Protocol):
    """A host reached over SSH, one persistent connection."""

    async def run(self, script: str, *, within: float) -> Ran:
        """Run one of our own constant scripts with `/bin/sh`.

        `stdout` holds what the script printed, without what login files
        print before or after it. Raises `CannotReach` when the host cannot
        be reached, refuses us, or does not finish within `within` seconds.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Canary inputs as the server knows them, in the order given.

    `receipt` is the adapter's own note for `fetch` and `clean`.
    """

    locations: tuple[str, ...]
    receipt: object = None


class CanaryFiles(Protocol):
    """The way a target's canary images go there and come back.

    All methods raise `CannotTouch`, naming the file and what would help.
    """

    async def place(self, images: Sequence[bytes], *, within: float) -> Placed:
        """Put the input images where the server can read them."""
        ...

    async def fetch(
        self, placed: Placed, output: str, *, within: float
    ) -> bytes:
        """Return the output image that the answer names."""
        ...

    async def clean(
        self, placed: Placed, output: str | None, *, within: float
    ) -> None:
        """Remove the inputs, and the output where that is safe."""
        ...


class Shelf(Protocol):
    """Images that the monitor itself serves under unguessable names."""

    def get(self, name: str) -> bytes | None:
        """Return the image, None when there is none of that name."""
        ...


class Images(Protocol):
    """Measures images; the verdict on the measures is the domain's."""

    async def measure(
        self, before: bytes, after: bytes, face: Box | None
    ) -> Measures:
        """Compare an output with its input. Raises `Unreadable`."""
        ...


class Store(Protocol):
    """What survives a restart."""

    async def remember(
        self, seen: Observation, changed: Transition | None
    ) -> None:
        """Keep an observation worth keeping, and the transition."""
        ...

    async def canary_history(
        self, key: CheckKey, *, limit: int
    ) -> Sequence[Observation]:
        """Return the last runs of a canary, newest first."""
        ...
