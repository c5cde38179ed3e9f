"""A monitor as a process: restarts things through a journal, on order.

`python -m tests.adapters.store.journal_hammer FILE OWNER TIMES race|alone`
says "ready", waits for a line, and then a JSON object for each thing that
it has on disk.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from monitor.adapters.store import SqliteStore
from monitor.domain.errors import Superseded
from monitor.domain.recovery.change import Change, moved
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Journal
from tests.adapters.store.journal_desk import (
    LAX,
    NOW,
    applied,
    change,
    entry,
    finished,
)


def say(**said: object) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


async def race(journal: Journal, folder: Path, owner: str, n: int) -> None:
    """Apply a plan that the other wants too, and carry out what was won."""
    one = replace(change(f"c{n}-{owner}", owner=owner), plan=f"p{n}")
    with suppress(Superseded):
        await journal.apply(one, entry("applied", plan=one.plan))
        say(applied=one.plan)
    mine = await journal.changes(limit=99, only_open=True)
    for open_ in mine:
        if open_.owner == owner:
            await carry_out(journal, folder, open_)


async def carry_out(journal: Journal, folder: Path, one: Change) -> None:
    """Do it unless somebody else acts there; leave it for later then."""
    with suppress(Superseded):
        lock = await journal.lock(
            one.host, one.id, one.owner, now=NOW, lasts=30
        )
        held = folder / "held"
        held.open("x").close()  # raises while the other acts
        going = replace(moved(one, State.INTENT, "go", NOW), token=lock.token)
        said = entry("intent", plan=one.plan)
        limits = replace(LAX, at_once=1)
        await journal.intend(going, said, lock=lock, limits=limits)
        await journal.beat(lock, until=NOW + 60)
        held.unlink()
        await finished(journal, going)
        say(token=lock.token)


async def alone(journal: Journal, _: Path, owner: str, n: int) -> None:
    """Carry out a plan of one's own, and say each step after it."""
    one = await applied(journal, change(f"c{n}", owner=owner))
    say(what="applied", plan=one.plan)
    lock = await journal.lock(one.host, one.id, owner, now=NOW, lasts=30)
    going = replace(moved(one, State.INTENT, "go", NOW), token=lock.token)
    said = entry("intent", plan=one.plan)
    await journal.intend(going, said, lock=lock, limits=LAX)
    say(what="intent", plan=one.plan)
    await finished(journal, going, Outcome.SUCCEEDED)
    say(what="outcome", plan=one.plan)


async def main(path: str, owner: str, times: str, way: str) -> None:
    store = SqliteStore(f"sqlite:///{path}")
    say(ready=owner)
    sys.stdin.readline()
    numbers = range(int(times))
    # The second goes the other way: so both win some, and meet.
    for n in reversed(numbers) if owner == "m2" else numbers:
        work = race if way == "race" else alone
        await work(store.journal, Path(path).parent, owner, n)
    store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
