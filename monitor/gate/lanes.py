"""Work waits in lanes: one child at a time in each, ended when it is late.

A child that the kernel does not let go is left behind. When it had told its
answer, the lane goes on around what it got stuck on; when it had not, the
lane is closed until it is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from monitor.gate.children import Child, start_child
from monitor.gate.outcome import Outcome

_GRACE = 1.0
"""Seconds that an ended child may take to be gone."""

_LEFT_AT_MOST = 3
_BURY_SOON = 0.02
_BURY_LATER = 1.0


class Task:
    """A piece of work; `done` is called once, with what became of it.

    `look` gets the seconds it has and what earlier looks are stuck on.
    `deadline` is on the monotonic clock.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[float, list[str]], Outcome],
        deadline: float,
        done: Callable[[Outcome], None],
    ) -> None:
        self.name = name
        self.look = look
        self.deadline = deadline
        self.done = done


class Lane:
    """What is asked of one part, one after the other."""

    def __init__(
        self,
        start: Callable[[Callable[[], Outcome], float], Child] = start_child,
    ) -> None:
        self._start = start
        self._waiting: deque[Task] = deque()
        self._task: Task | None = None
        self._child: Child | None = None
        self._ended_at = 0.0
        self._left: list[Child] = []

    @property
    def descriptor(self) -> int | None:
        """What to poll: there the child tells its answer."""
        return self._child.descriptor if self._child else None

    def add(self, task: Task) -> None:
        """Queue a piece of work; it starts at the next `turn`."""
        self._waiting.append(task)

    def hear(self, now: float) -> None:
        """Read from the child; for a descriptor that is ready."""
        if self._child:
            self._child.hear()
        self._deliver(now)

    def turn(self, now: float) -> None:
        """End what is late, bury what is gone, start what waits."""
        if self._child and self._task and now >= self._task.deadline:
            self._child.end("timeout", f"cannot wait for {self._task.name}")
            self._deliver(now)
        self._bury(now)
        self._give_up(now)
        while self._waiting and not self._child:
            self._begin(self._waiting.popleft(), now)

    def wake(self, now: float) -> float | None:
        """Return when to turn next at the latest, None for no need."""
        times = [task.deadline for task in self._waiting]
        if self._task:
            times.append(self._task.deadline)
        elif self._child:
            times.append(now + _BURY_SOON)
        if self._left:
            times.append(now + _BURY_LATER)
        return min(times, default=None)

    def kill(self) -> None:
        """End every child; nobody waits for what they would say."""
        for child in (self._child, *self._left):
            if child:
                child.kill()

    def _deliver(self, now: float) -> None:
        if self._child and self._task and self._child.outcome:
            task, self._task = self._task, None
            self._ended_at = now
            task.done(self._child.outcome)

    def _bury(self, now: float) -> None:
        self._left = [child for child in self._left if not child.gone()]
        if not self._child or self._task:
            return
        if self._child.gone():
            self._child = None
        elif now - self._ended_at >= _GRACE:
            self._child.hang_up()
            self._left.append(self._child)
            self._child = None

    def _give_up(self, now: float) -> None:
        """Answer what waited too long, and all when the lane is closed."""
        closed = self._closed()
        for task in list(self._waiting):
            if closed or now >= task.deadline:
                self._waiting.remove(task)
                task.done(_unstarted(task.name, stuck=closed))

    def _closed(self) -> bool:
        silent = any(child.silent for child in self._left)
        return silent or len(self._left) >= _LEFT_AT_MOST

    def _begin(self, task: Task, now: float) -> None:
        seconds = task.deadline - now
        stuck = [what for child in self._left for what in child.missed]
        try:
            self._child = self._start(
                lambda: task.look(seconds, stuck), seconds
            )
        except OSError as error:
            because = f"cannot start a process for {task.name}: {error}"
            task.done(Outcome(reason="internal", because=because))
        else:
            self._task = task


def _unstarted(name: str, *, stuck: bool) -> Outcome:
    why = "is stuck in the kernel" if stuck else "still runs"
    return Outcome(
        reason="timeout",
        because=f"cannot look at {name}: an earlier look {why}",
    )
