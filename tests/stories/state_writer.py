"""A process that writes state until it is killed: python -m …state_writer.

`write FILE FIRST` says each number that it was promised is on disk, `plain
FILE` when it had what remembered. `tmpfs FOLDER` fills the disk and `limit
FOLDER` may not write more; told so they make room and go on.
"""

import asyncio
import resource
import sys
import time
from itertools import count
from pathlib import Path

from monitor.adapters.store import SqliteStore
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import Kind
from monitor.ports import Told
from tests.adapters.store_desk import told, turned
from tests.fakes.probe import seen

PLAIN_EACH = 20
LOOKS = 2000


async def write(path: Path, first: int) -> None:
    """Remember plain looks, and news, which may not be lost."""
    store = SqliteStore(f"sqlite:///{path}")
    for number in count(first):
        for _ in range(PLAIN_EACH):
            await store.remember(told())
            await asyncio.sleep(0)
        await store.remember(turned(float(number)))
        print(number, flush=True)  # noqa: T201 # what the test waits for


async def plain(path: Path) -> None:
    """Remember nothing but looks that change nothing."""
    store = SqliteStore(f"sqlite:///{path}")
    while True:
        now = time.monotonic()
        track = Track(health=Health.HEALTHY, score=now)
        await store.remember(Told(seen=seen(), track=track))
        print(now, flush=True)  # noqa: T201 # what the test waits for
        await asyncio.sleep(0.01)


async def full(folder: Path, *, by_limit: bool) -> None:
    """Run out of room, be told, get room, and write everything."""
    path, ballast = folder / "state.db", folder / "ballast"
    store = SqliteStore(f"sqlite:///{path}")
    await store.remember(turned(0))
    _no_room(path, ballast, by_limit=by_limit)
    said = ""
    for at in range(1, LOOKS):
        try:
            await store.remember(turned(at, because="word " * 300))
        except CannotStore as error:
            said = str(error)
            break
    assert said, "nobody noticed that the disk was full"
    _room(ballast, by_limit=by_limit)
    await store.remember(turned(at + 1))
    history = await store.history(Kind.TARGET, "studio", since=0, limit=LOOKS)
    store.close()
    SqliteStore(f"sqlite:///{path}").close()
    assert [m.at for m in history] == list(range(at + 1, -1, -1))
    print(said)  # noqa: T201 # what the test looks at


def _no_room(path: Path, ballast: Path, *, by_limit: bool) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if by_limit:
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        return
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def _room(ballast: Path, *, by_limit: bool) -> None:
    if by_limit:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    else:
        ballast.unlink()


def main(argv: list[str]) -> None:
    what, where, *rest = argv
    if what == "write":
        asyncio.run(write(Path(where), int(rest[0])))
    elif what == "plain":
        asyncio.run(plain(Path(where)))
    else:
        asyncio.run(full(Path(where), by_limit=what == "limit"))


if __name__ == "__main__":
    main(sys.argv[1:])
