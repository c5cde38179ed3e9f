"""What a gate can do: given to the server, so that tests give others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from monitor.gate.gaps import Gaps
from monitor.gate.outcome import Outcome


class Watcher(Protocol):
    """Notices what happens to services (watch.Watch)."""

    def update(self, services: object) -> list[str]:
        """Watch these from now on. Raises `Refused`."""
        ...

    def descriptors(self) -> list[int]:
        """Return what to poll: ready means that `tick` has news."""
        ...

    def tick(self, now: float) -> list[dict[str, object]]:
        """Return what happened since the last time."""
        ...

    def close(self) -> None:
        """Watch nothing any more, and end what was started for it."""
        ...


class Abilities:
    """The parts of `observe`, the verbs `files` and `act`, the watcher.

    `act` is None where the key may only look. `lanes` maps a part to the
    lane that it shares with others: what must never run beside each other.
    """

    def __init__(
        self,
        parts: Mapping[
            str, Callable[[dict[str, object], Gaps], dict[str, object]]
        ],
        lanes: Mapping[str, str],
        files: Callable[
            [dict[str, object], str | None, Gaps], dict[str, object]
        ],
        watcher: Watcher,
        act: Callable[[dict[str, object]], Outcome] | None = None,
    ) -> None:
        self.parts = parts
        self.lanes = lanes
        self.files = files
        self.watcher = watcher
        self.act = act
