"""Scripts: operations in a row, each in a world of its own."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from tests.engine.recovery.model.operations import NAMES
from tests.engine.recovery.model.operations_rungs import OF_RUNGS
from tests.engine.recovery.model.world import Violated, World
from tests.stories.simulated.clockwork import Clockwork

Script = tuple[str, ...]
DOES = {**NAMES, **OF_RUNGS}
_PLANS = frozenset({"plan", "plan_b", "glass", "recover", "recover_b"})
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
            await DOES[name](world)
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
    """Yield so many whole restarts in a row, each ended in its own way.

    Each way is there three times in a row, too: more than is ever allowed.
    """
    often = [(way,) * 3 for way in _ROUNDS]
    for ways in (*product(_ROUNDS, repeat=many), *often):
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


def of_a_reboot(many: int) -> Iterator[Script]:
    """Yield a reboot that was planned, and who says what of it."""
    said = ("apply_boot", "approve_boot", "approve_boot_self", "deny_boot")
    else_ = ("mistype", "login", "packages", "past_plan")
    for rest in product((*said, *else_), repeat=many):
        yield (*LOST, "plan_boot", *rest, "past_lock")


def histories(many: int) -> Iterator[Script]:
    """Yield what was done by hand before somebody wants to reboot.

    `stray` at first: a restart alone does not help.
    """
    for before in (*product(_HISTORIES, repeat=many), *_LONG_AGO):
        done = tuple(name for one in before for name in one)
        yield ("allow", "stray", "stuck", *done, *_AGREED_BOOT)


def comebacks() -> Iterator[Script]:
    """Yield how a machine comes back, and what is lost meanwhile."""
    ways = ("step", "stays_away", "same_boot", "diskless", "never_serves")
    losses = ("step", "lost_before", "lost_after", "late", "kill_after")
    asked = ("plan_boot", "apply", "approve")
    for way, loss, then in product(ways, losses, ("step", "kill")):
        sent = ("step",) * 10
        yield (*LOST, way, *asked, *sent, loss, *sent, then, "past_lock")
    for way, loss in product(ways, losses):
        yield (*LOST, way, loss, *asked, "past_lock")
    unheard = ("until_intent", "gone", "wait", "reboot", "gone")
    for way in ways:
        yield (way, "plan", "apply", *unheard, "past_lock")


def starved(many: int) -> Iterator[Script]:
    """Yield climbs of a server that a stray starves, upset from the start."""
    upsets = ("stuck", "breaks", "refuses", "never_serves", "lost_after")
    agreed = ("until_boot", "apply_boot", "approve_boot")
    for rest in product((*upsets, "late"), repeat=many):
        yield ("allow", "stray", *rest, "recover", "apply", *agreed)


LOST = ("allow", "gpu_lost")
"""No restart is a remedy, so that a reboot is the first rung."""
_FREE = ("plan_free", "apply", "past_lock")
_AGREED_BOOT = ("plan_boot", "apply", "approve", "past_lock")
_HISTORIES: tuple[Script, ...] = (
    ("plan", "apply", "past_lock"),
    ("plan", "apply", "wait", "wait"),
    ("refuses", "plan", "apply", "past_lock"),
    _FREE,
    ("refuses", *_FREE),
    ("breaks", *_FREE),
    ("stuck", *_FREE, "stuck"),
    ("stray", "health", "past_lock", "stray"),
)
_FAILED = ("plan", "apply", "past_lock", *_FREE)
_DIES = ("until_proving", "gone", "kill", "past_lock", "sweep_b")
_LONG_AGO: tuple[tuple[Script, ...], ...] = (
    (_FAILED, ("stuck", *_FREE[:2], "wait", "stray", "past_lock")),
    (_FAILED[:3], _FREE[:2], (*_DIES, "past_plan", "gone")),
    (_FAILED, ("stray", "health", "past_lock", "health")),
)
"""Rungs that tell nothing now: before what healed it, what nobody saw the end
of, and of another incident."""
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
