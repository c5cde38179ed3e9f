"""Scripts: operations in a row, each in a world of its own."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from tests.engine.recovery.model.operations import NAMES
from tests.engine.recovery.model.world import Violated, World
from tests.stories.simulated.clockwork import Clockwork

Script = tuple[str, ...]
_PLANS = frozenset({"plan", "plan_b", "glass"})
_ON_A_PLAN = frozenset(
    {"apply", "apply_b", "approve", "approve_self", "deny"} | {"apply_first"}
)


def play_all(scripts: Iterable[Script]) -> int:
    """Play each on one loop; return how many. Raises `Violated`."""
    played = 0
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        for script in scripts:
            runner.run(_told(script))
            played += 1
    return played


def playing(script: Script) -> World:
    """Play one script; return what is there when all is quiet."""
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        return runner.run(played(script))


async def played(script: Sequence[str]) -> World:
    """Play a script until all is quiet; return what is there then."""
    world = World()
    try:
        for name in script:
            await NAMES[name](world)
            await world.check()
        await world.become_quiet()
    finally:
        await world.end()
    return world


async def _told(script: Script) -> None:
    try:
        await played(script)
    except Violated as error:
        raise Violated(f"{error} [{' '.join(script)}]") from None


def up_to(length: int, names: Sequence[str]) -> Iterator[Script]:
    """Yield every script of so many operations that says something new.

    What is done to a plan before there is one does nothing.
    """
    for many in range(1, length + 1):
        yield from filter(_is_new, product(names, repeat=many))


def ladders(
    begin: Script, steps: int, names: Sequence[str], length: int
) -> Iterator[Script]:
    """Yield a beginning, gone on by so many steps, then everything."""
    for many, rest in product(range(steps), product(names, repeat=length)):
        yield (*begin, *("step",) * many, *rest)


def _is_new(script: Script) -> bool:
    has_plan = has_change = False
    for name in script:
        if name in _ON_A_PLAN and not has_plan:
            return False
        if name == "cancel" and not has_change:
            return False
        has_plan = has_plan or name in _PLANS
        has_change = has_change or name in {"apply", "apply_b"}
    return True


def rounds(many: int) -> Iterator[Script]:
    """Yield so many whole restarts in a row, each ended in its own way."""
    for ways in product(_ROUNDS, repeat=many):
        yield tuple(name for way in ways for name in way)


def between(names: Sequence[str]) -> Iterator[Script]:
    """Yield what happens between a plan and its change."""
    for rest in product(names, repeat=2):
        yield ("plan", *rest, "apply", "past_lock")


def words(many: int) -> Iterator[Script]:
    """Yield a plan that takes another person's word, and who says what."""
    said = ("approve", "approve_self", "deny", "apply", "past_plan", "kill")
    for rest in product((*said, "sweep_b", "set_back"), repeat=many):
        yield ("glass", *rest, "past_lock")


def two_at_once(steps: int) -> Iterator[Script]:
    """Yield two plans that are applied one soon after the other."""
    kinds, seconds = ("plan_b", "glass"), range(steps)
    for kind, first, second in product(kinds, seconds, seconds):
        applied = ("apply", "approve", *("step",) * first, "apply_first")
        yield ("plan", kind, *applied, *("step",) * second, "sweep_b")


def deaths(steps: int, many: int) -> Iterator[Script]:
    """Yield a monitor that dies at each call, and what comes after it."""
    moments = ("kill", "kill_before", "kill_after")
    for at, how in product(range(steps), moments):
        for rest in product(_AFTER_DEATH, repeat=many):
            yield ("plan", "apply", *("step",) * at, how, "step", *rest)


_RESTART = ("plan", "apply", "past_lock")
_AGAIN = ("health", "past_lock")
_ROUNDS: tuple[Script, ...] = (
    (*_RESTART, *_AGAIN),
    ("plan", "apply", "wait", "health"),
    ("glass", "apply", "approve", "past_lock", "health"),
    ("never_serves", *_RESTART, "never_serves", *_AGAIN),
    ("lost_after", *_RESTART, *_AGAIN),
    ("late", "plan", "apply", *("step",) * 9, "kill", "past_lock", *_AGAIN),
    (*_RESTART, "past_plan", "set_back", "health"),
)
_AFTER_DEATH = (
    "sweep_b",
    "past_lock",
    "cancel",
    "deny",
    "other_process",
    "reboot",
    "plan_b",
    "apply_b",
)
