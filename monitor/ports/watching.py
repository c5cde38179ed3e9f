"""The doors that watching needs."""

from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.answer import Answer
from monitor.domain.canary.image import Box, Measures
from monitor.domain.canary.job import Batch, Job
from monitor.domain.certificate import Certificate
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.history import Kept, Moment
from monitor.domain.judgement import Track, Transition
from monitor.domain.maintenance import Window
from monitor.domain.network import Pinged
from monitor.domain.observation import CheckKey, Kind, Observation


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


class NvidiaSmi(Protocol):
    """nvidia-smi on a host, at most one at a time there."""

    async def collect(self, *, within: float) -> Ran:
        """Run `nvidia-smi -q -x`; codes as `probes.gpu_script` has them.

        Raises `CannotReach`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GateAnswer:
    """What the gate of a host answered (monitor/gate/README.md).

    `way` is installed, stdin or plain; `python` and `version` are empty
    for plain. `body` is the answer as it came.
    """

    way: str
    body: Mapping[str, object]
    version: str = ""
    python: str = ""
    verbs: tuple[str, ...] = ()


class Gate(Protocol):
    """The small program on a host that observes for us.

    Every method raises `CannotReach`; beside the reasons of SSH it may be
    `gate_missing`, `gate_refused`, `gate_version` or `unreadable`.
    """

    async def hello(self, *, within: float) -> GateAnswer:
        """Return how we observe there, and what may be asked."""
        ...

    async def observe(
        self, parts: Mapping[str, Mapping[str, object]], *, within: float
    ) -> GateAnswer:
        """Observe some parts; what is missing is in the answer's gaps."""
        ...

    async def files(
        self, request: Mapping[str, object], *, within: float
    ) -> GateAnswer:
        """Put, get, remove or list a file below the canary directory."""
        ...

    def watch(
        self, services: Sequence[Mapping[str, object]]
    ) -> AsyncGenerator[Mapping[str, object], None]:
        """Yield what happens to these services, until the line is lost.

        Ends by raising `CannotReach`; without Python on the host at once.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One look as the store is told it.

    `url` is where a target is, empty for a machine.
    """

    seen: Observation
    track: Track
    changed: Transition | None = None
    maintenance: bool = False
    last_success: float | None = None
    told_at: float | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer of ours, kept for whoever asks the same again.

    `request` is a digest of what was asked; `at` a Unix time in seconds.
    """

    request: str
    code: int
    body: bytes
    at: float


class Store(Protocol):
    """What survives a restart. Every method may raise `CannotStore`."""

    async def remember(self, told: Told) -> None:
        """Keep a look: its track always, the look when it is worth it.

        Worth keeping are canary runs, changed opinions and failed looks.
        Tracks may be written together a second later; a changed opinion
        is on disk when this returns.
        """
        ...

    async def kept(self) -> Sequence[Kept]:
        """Return the track of every check that was ever remembered."""
        ...

    async def canary_history(
        self, key: CheckKey, *, limit: int, url: str | None = None
    ) -> Sequence[Observation]:
        """Return the last runs of a canary, newest first.

        With `url` only those of the server that was there.
        """
        ...

    async def history(
        self,
        kind: Kind,
        subject: str,
        *,
        since: float,
        limit: int,
        before: int | None = None,
    ) -> Sequence[Moment]:
        """Return what happened to a target or host, newest first.

        `before` leaves out the moments with that id and later ones.
        """
        ...

    async def keep_diagnosis(self, record: DiagnosisRecord) -> None:
        """Keep that a diagnosis changed; it shows in `history` too."""
        ...

    async def diagnoses(self) -> Sequence[DiagnosisRecord]:
        """Return the last diagnosis of every server."""
        ...

    async def keep_page(self, record: PageRecord) -> None:
        """Keep a page, or what became of it, by server and beginning."""
        ...

    async def pages(
        self,
        *,
        since: float,
        limit: int,
        before: int | None = None,
        target: str = "",
    ) -> Sequence[PageRecord]:
        """Return pages that ended after `since` or hold, newest first.

        `before` leaves out the one with that id and later ones; `target`
        all of other servers.
        """
        ...

    async def windows(self, *, ended_after: float) -> Sequence[Window]:
        """Return maintenance windows that end after a Unix time."""
        ...

    async def keep_window(self, window: Window) -> None:
        """Keep a maintenance window, or what became of it, by its id."""
        ...

    async def answer_to(self, key: str) -> KeptAnswer | None:
        """Return what an idempotency key was answered with, if it was."""
        ...

    async def keep_answer(self, key: str, answer: KeptAnswer) -> None:
        """Keep an answer for a day; the first one for a key stays."""
        ...
