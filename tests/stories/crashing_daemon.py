"""A daemon that dies, or holds its breath, at a chosen call.

Run as `python -m tests.stories.crashing_daemon CONFIG FOLDER`. It is the
normal daemon, but for locks that run out in seconds, for nonces that do
unless FOLDER/patient is there, and for its journal and its hand: they note
each call in FOLDER/calls, and where the point in FOLDER/fuse is reached, the
process kills itself as a power cut would, or waits until FOLDER/go is there.
Without a point nothing is done.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.store.journal import SqliteJournal
from monitor.cli.app import run
from monitor.daemon import recovering
from monitor.domain.recovery.change import Change
from monitor.engine.recovery import (
    looking_again,
    proving_kit,
    runner_lease,
    sweep,
    sweep_life,
)
from tests.fakes.crashing import WRITES

HAND = frozenset({"prepare", "act", "became"})
JOURNAL = WRITES - HAND
SHORT: dict[Any, dict[str, float]] = {
    runner_lease: {"LASTS": 2.0, "BEATS": 0.3},
    sweep: {"LASTS": 2.0},
    sweep_life: {"LASTS": 2.0},
    recovering: {"TICK": 0.3},
    looking_again: {"NONCE_IS_DEAD": 2.5, "_AGAIN_AFTER": 0.5},
    proving_kit: {"LOOKS_EVERY": 0.4},
}
"""Seconds, each longer than what it has to outlast: a lock lasts for a few
beats, a nonce is dead after it has run out (`restart_town.NONCE_LASTS`)."""
_STEP = 0.02
_Call = Callable[..., Awaitable[object]]


class Fuse:
    """Counts calls by name, since the point in its file was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._point = ""
        self._counts: Counter[str] = Counter()

    async def at(self, name: str, nth: int, when: str) -> None:
        """Do what the point says, if this is where it is."""
        if self._point and json.loads(self._point)[:3] == [name, nth, when]:
            if json.loads(self._point)[3] == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            (self.folder / "held").touch()
            await until((self.folder / "go").exists)

    def count(self, name: str) -> int:
        """Note a call; return how many there were of that name."""
        file = self.folder / "fuse"
        point = file.read_text() if file.exists() else ""
        if point != self._point:
            self._point = point
            self._counts.clear()
        with (self.folder / "calls").open("a") as calls:
            calls.write(f"{name}\n")
        self._counts[name] += 1
        return self._counts[name]


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what happens outside wakes nobody
        await asyncio.sleep(_STEP)


def guarded(call: _Call, fuse: Fuse) -> _Call:
    """Return a method that dies with its monitor."""

    @wraps(call)
    async def guard(*args: object, **named: object) -> object:
        name = call.__name__
        if name == "move":
            assert isinstance(args[1], Change)
            name = f"move {args[1].state.value}"
        nth = fuse.count(name)
        await fuse.at(name, nth, "before")
        done = await call(*args, **named)
        await fuse.at(name, nth, "after")
        return done

    return guard


def main(config: str, folder: str) -> int:
    """Run the daemon until it ends, or is ended by its fuse."""
    fuse = Fuse(Path(folder))
    for owner, names in ((SqliteJournal, JOURNAL), (RemoteHand, HAND)):
        for name in names:
            setattr(owner, name, guarded(getattr(owner, name), fuse))
    for module, constants in SHORT.items():
        if module is looking_again and (fuse.folder / "patient").exists():
            continue
        for name, seconds in constants.items():
            assert hasattr(module, name), (module, name)
            setattr(module, name, seconds)
    return run(["run", "--config", config])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
