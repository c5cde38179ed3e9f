"""Monitors that live and die: the real desk, runner and sweeper each."""

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from typing_extensions import override

from monitor.domain.diagnosis.case import Case
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.events import Broke, Event, Forgot
from monitor.engine.recovery.climb import Climbing
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.holding import Holding
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_kit import Kit
from monitor.engine.recovery.scene import Scene
from monitor.engine.recovery.sweep import Sweeper
from monitor.ports.recovery import Hand, Journal
from tests.engine.recovery.model.places import Place
from tests.engine.recovery.wards import why_no_hand
from tests.fakes.crashing import Crash, Crashing, Fuse, Moment

_BACKGROUND = frozenset({"beat", "say"})
"""Calls that come again and again, and of which nothing depends."""
_T = TypeVar("_T")
_LIFE: ContextVar[object] = ContextVar("life", default=None)
_OF: "weakref.WeakKeyDictionary[asyncio.Task[Any], object]" = (
    weakref.WeakKeyDictionary()
)


def whose_tasks(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, _T],
    *,
    name: str | None = None,
    context: Context | None = None,
) -> asyncio.Task[_T]:
    """Make a task, and remember whose it is: `kill -9` ends one process."""
    task = asyncio.Task(coro, loop=loop, name=name, context=context)
    _OF[task] = context.get(_LIFE) if context else _LIFE.get()
    return task


@dataclass
class Armed(Fuse):
    """A fuse that may be armed at any time, for the next call."""

    next: Moment | None = None
    on_call: Callable[[], object] = lambda: None

    @override
    def count(self, name: str) -> Moment | None:
        if name in _BACKGROUND:
            return None
        self.on_call()
        moment, self.next = self.next, None
        return moment


class Life:
    """One process of a monitor, from its start to its end."""

    def __init__(
        self, owner: str, place: Place, on_call: Callable[[], object]
    ) -> None:
        self.owner = owner
        self.place = place
        self.fuse = Armed(on_call=on_call)
        self.holding = Holding()
        self.broke: list[Event] = []
        journal = cast("Journal", Crashing(place.journal, self.fuse))
        self._hand = cast("Hand", Crashing(place.machine, self.fuse))
        herald = Herald(journal, self.tell)
        scene = self._scene(journal)
        kit = Kit(
            clock=place.clock,
            journal=journal,
            herald=herald,
            scene=scene,
            hands=lambda *_: self._hand,
            look=self.look,
            canaries=lambda _: (),
            case=lambda _, now: Case(now=now, target=place.target),
            diagnosis=place.diagnosis,
            hold=self.holding.hold,
            tell=self.tell,
            owner=owner,
        )
        self.runner = Runner(
            kit, climbing=lambda change: Climbing(kit, self.desk, change)
        )
        self.sweeper = Sweeper(kit, self.runner)
        self.desk = Desk(
            clock=place.clock,
            journal=journal,
            scene=scene,
            runner=self.runner,
            tell=self.tell,
            new_id=place.new_id,
            owner=owner,
            herald=herald,
        )

    def _scene(self, journal: Journal) -> Scene:
        place = self.place
        return Scene(
            clock=place.clock,
            board=place.board,
            evidence=place.evidence,
            ward=place,
            book=place.book,
            journal=journal,
            policies=lambda: place.policies,
            services=lambda: place.services,
            look=self.look,
            hands=lambda *_: self._hand,
            why_no_hand=why_no_hand,
        )

    def tell(self, event: Event) -> None:
        """Hear what would be told; a fault of ours is one, always."""
        if isinstance(event, Broke | Forgot) and not self.fuse.blown:
            self.broke.append(event)

    async def look(self, key: CheckKey) -> Observation | None:
        return await self.place.look(key)

    async def does(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Let it do something, None where it died of it."""
        before = _LIFE.set(self)
        try:
            return await asyncio.create_task(work)
        except Crash:
            return None
        finally:
            _LIFE.reset(before)

    async def dies(self) -> None:
        """End every task of it at once; what a machine does goes on."""
        self.fuse.blown = True
        spared = {*self.place.machine.acting, *self.place.machine.flying}
        mine = [
            task
            for task in asyncio.all_tasks()
            if _OF.get(task) is self and task not in spared
        ]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
