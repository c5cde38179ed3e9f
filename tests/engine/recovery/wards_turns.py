"""Two requests at once, in every order that one change of turns allows.

Whoever uses the journal waits there until it is their turn: one takes so
many steps, the other so many, then the first goes on to its end.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from itertools import product

from typing_extensions import override

from monitor.domain.errors import MonitorError, Superseded
from tests.fakes.journal import FakeJournal

LONGEST = 200
"""Steps after which a request goes round in circles."""


class TurnsJournal(FakeJournal):
    """A journal at whose door the racers wait; others walk through."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, asyncio.Future[None]] = {}

    @override
    async def _open(self) -> None:
        task = asyncio.current_task()
        name = task.get_name() if task else ""
        if name.startswith("racer"):
            turn = asyncio.get_running_loop().create_future()
            self.waiting[name] = turn
            await turn
        await super()._open()


def orders(most: int) -> Iterator[tuple[int, int]]:
    """Return how many steps the first takes, and then the second."""
    return product(range(most), range(most))


async def race(
    journal: TurnsJournal,
    order: tuple[int, int],
    first: Coroutine[object, object, object],
    second: Coroutine[object, object, object],
) -> tuple[object, object]:
    """Return what became of both: an answer, or an error of ours."""
    one = asyncio.create_task(first, name="racer one")
    two = asyncio.create_task(second, name="racer two")
    await _step(journal, one, order[0])
    await _step(journal, two, order[1])
    await _step(journal, one, LONGEST)
    await _step(journal, two, LONGEST)
    return _became(one), _became(two)


async def _step(
    journal: TurnsJournal, task: asyncio.Task[object], times: int
) -> None:
    """Let a racer through the door so many times, or until its end."""
    for _ in range(times):
        await _arrived(journal, task)
        if task.done():
            return
        journal.waiting.pop(task.get_name()).set_result(None)
        await asyncio.sleep(0)
    await _arrived(journal, task)


async def _arrived(journal: TurnsJournal, task: asyncio.Task[object]) -> None:
    for _ in range(LONGEST):
        if task.done() or task.get_name() in journal.waiting:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{task.get_name()} waits for something else")


def _became(task: asyncio.Task[object]) -> object:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, MonitorError | Superseded):
        return error
    raise error
