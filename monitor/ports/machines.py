"""The doors to a machine: a shell, nvidia-smi, and the gate."""

from collections.abc import (
    AsyncGenerator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Protocol


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
