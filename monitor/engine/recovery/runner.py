"""The runner: carries changes out, one task a change."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.change import AFTER_INTENT, Change
from monitor.domain.recovery.words import Action, State
from monitor.engine.recovery.desk_people import is_agreed
from monitor.engine.recovery.runner_course import Course, touched
from monitor.engine.recovery.runner_kit import Carried, Kit, stored
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.ports.recovery import Lock

AT_ONCE = 50
"""Changes that are carried at the same time."""
CUT_OFF_WITHIN = 1.0
"""Seconds to clean up for what is cut off as the monitor ends."""


class Runner:
    """Carries changes from ready, or from a dead owner, to their outcome.

    `climbing` makes what carries a `recover`. Lives on the event loop;
    `changing` may be asked from any thread.
    """

    def __init__(
        self, kit: Kit, *, climbing: Callable[[Change], Carried] | None = None
    ) -> None:
        self._kit = kit
        self._climbing = climbing
        self._courses: dict[str, Carried] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waking: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def is_full(self) -> bool:
        """Whether no more changes are begun now."""
        return self._closing or len(self._tasks) >= AT_ONCE

    def carries(self, change_id: str) -> bool:
        """Return whether a task of ours carries a change."""
        return change_id in self._tasks

    def changing(self, target: str) -> str:
        """Return which change may affect a server now, empty for none.

        From its intent on: what went before was none of our doing. A
        machine that is booted takes all of its servers along.
        """
        for course in tuple(self._courses.values()):
            one = course.change
            if one.state in AFTER_INTENT and target in touched(self._kit, one):
                where = "" if one.target == target else f" of {one.host}"
                return (
                    f"{one.action.value}{where} is under way (change {one.id})"
                )
        return ""

    def begin(self, change: Change) -> None:
        """Carry out a change that is ready and ours; returns at once.

        Above `AT_ONCE` it is refused, as its outcome says.
        """
        full = f"{AT_ONCE} changes are under way, or the monitor is stopping"
        against = full if self.is_full else ""
        climbs = change.action is Action.RECOVER and not against
        if climbs and self._climbing is not None:
            self._carry(self._climbing(change))
        else:
            self._carry(Course(self._kit, change, against=against))

    def adopt(self, change: Change, lock: Lock | None) -> None:
        """Find out what became of a change that was taken over."""
        self._carry(Course(self._kit, change, found=True, lock=lock))

    def wake(self, change_id: str) -> None:
        """Read a change again: somebody said something; returns at once."""
        task = asyncio.create_task(self._woken(change_id))
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)

    async def close(self, within: float) -> None:
        """Begin nothing more, and end within so many seconds.

        What was not sent yet is not sent. What was goes on while there is
        time; the next monitor finds out what became of the rest.
        """
        self._closing = True
        for id_, course in tuple(self._courses.items()):
            if not course.may_be_sent:
                self._tasks[id_].cancel()
        for waking in self._waking:
            waking.cancel()
        await _end([*self._tasks.values(), *self._waking], within)

    def _carry(self, course: Carried) -> None:
        """Start its task, once."""
        id_ = course.change.id
        if id_ in self._tasks:
            return
        self._courses[id_] = course
        self._tasks[id_] = task = asyncio.create_task(course.run())
        task.add_done_callback(lambda _: self._done(id_))

    def _done(self, id_: str) -> None:
        del self._tasks[id_], self._courses[id_]

    async def _woken(self, id_: str) -> None:
        """Go on with a change; the sweeper does when this could not."""
        with suppress(CannotStore, Superseded):
            change = await stored(self._kit.journal.change(id_))
            if change is None:
                return
            if change.is_over and id_ in self._tasks:
                self._tasks[id_].cancel()
            elif change.state is State.WAITING and not self.is_full:
                await self._ready(change)

    async def _ready(self, change: Change) -> None:
        """Make a change ours that has its approvals, and begin."""
        record = await stored(self._kit.journal.plan(change.plan))
        if record is None or not is_agreed(record):
            return
        ledger = Ledger(self._kit, change, ())
        because = f"approved by {len(record.approvals)}; it is begun now"
        await ledger.move(State.READY, because, owner=self._kit.owner)
        self.begin(ledger.change)


async def _end(tasks: Sequence[asyncio.Task[None]], within: float) -> None:
    """Wait for them, and cut off those that are late."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=CUT_OFF_WITHIN)
