"""Killed at any call: one outcome, one effect at most, and nothing held.

The crash points are generated: a dry run counts every write to the journal
and every call of the hand on a path, then each of them is where the monitor
dies, before or after it, and another monitor sweeps up.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from monitor.domain.errors import HandRefused
from tests.engine.recovery.sweeping import MOMENTS, check, points
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.crashing import Fuse, Moment

Setting = Callable[[Theatre], None]


def comes_back(there: Theatre) -> None:
    there.hand.comes = "well"


def never_comes_back(there: Theatre) -> None:
    there.hand.comes = "not"


def is_busy_at_first(there: Theatre) -> None:
    there.users = ("a swap of 40 s",)

    def end() -> None:
        there.users = ()

    asyncio.get_running_loop().call_later(17.0, end)


def line_lost_before(there: Theatre) -> None:
    there.hand.line = "before"


def line_lost_after(there: Theatre) -> None:
    there.hand.line = "after"


def line_gone(there: Theatre) -> None:
    there.hand.line = ""

    def cut() -> None:
        there.hand.line = "gone"

    asyncio.get_running_loop().call_later(3.0, cut)


def takes_too_long(there: Theatre) -> None:
    there.hand.takes = 400.0


def fails_there(there: Theatre) -> None:
    there.hand.fails = "systemctl restart failed"


def is_refused_there(there: Theatre) -> None:
    error = HandRefused("cannot act: it is locked", reason="locked")
    there.hand.refuses["act"] = error


def is_fenced(there: Theatre) -> None:
    there.hand.highest = 41


def is_well_again(there: Theatre) -> None:
    there.agrees = False


PATHS: tuple[Setting, ...] = (
    comes_back,
    never_comes_back,
    is_busy_at_first,
    line_lost_before,
    line_lost_after,
    line_gone,
    takes_too_long,
    fails_there,
    is_refused_there,
    is_fenced,
    is_well_again,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda one: one.__name__)
def test_killed_at_any_call_of_a_path(path: Setting) -> None:
    found = list(points(_calls(path)))

    for at, moment in found:
        play(partial(_killed, path, at, moment))

    assert len(found) >= 2 * len(MOMENTS)


@pytest.mark.parametrize("hours", [-2, 2])
def test_killed_while_the_clock_is_set(hours: int) -> None:
    found = list(points(_calls(comes_back)))

    for at, moment in found:
        jump = hours * 3600.0
        play(partial(_killed, comes_back, at, moment, jump=jump))


@pytest.mark.parametrize("at", [4, 5, 6, 7])
def test_the_one_that_sweeps_up_is_killed_too(at: int) -> None:
    calls = play(lambda: _second_calls(at))

    for then, moment in points(calls):
        fuse = Fuse(then, moment)
        play(partial(_killed, line_lost_after, at, "during", second=fuse))

    assert len(calls) > 5


def _calls(path: Setting) -> list[str]:
    """Return what a path calls when nobody dies."""

    async def dry() -> list[str]:
        there = Theatre()
        path(there)
        first = there.monitor("a")
        await first.carry(await there.applied())
        check(there)
        await first.die()
        return first.fuse.calls

    return play(dry)


async def _second_calls(at: int) -> list[str]:
    there = Theatre()
    line_lost_after(there)
    first = there.monitor("a", Fuse(at, "during"))
    await first.carry(await there.applied())
    await first.die()
    second = there.monitor("b")
    await second.sweep_until_quiet()
    await second.die()
    return second.fuse.calls


async def _killed(
    path: Setting,
    at: int,
    moment: Moment,
    *,
    jump: float = 0.0,
    second: Fuse | None = None,
) -> None:
    there = Theatre()
    path(there)
    first = there.monitor("a", Fuse(at, moment))
    await first.carry(await there.applied())
    await first.die()
    there.clock.jump(jump)
    if second is not None:
        other = there.monitor("b", second)
        await other.sweep_until_quiet()
        await other.die()

    last = there.monitor("z")
    await last.sweep_until_quiet()

    await last.die()
    check(there)
