"""Killed at any call: one outcome, one effect at most, and nothing held.

The crash points are generated: a dry run counts every write to the journal
and every call of the hand on a path, then each of them is where the monitor
dies, before or after it, and another monitor sweeps up.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import get_args

import pytest

from monitor.domain.errors import HandRefused
from monitor.domain.recovery.change import ONLY_BEFORE_INTENT
from monitor.domain.recovery.words import Outcome
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.crashing import Fuse, Moment

Setting = Callable[[Theatre], None]
AGAIN_AND_AGAIN = frozenset({"beat", "say", "became"})
MOMENTS: tuple[Moment, ...] = get_args(Moment)


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
    points = list(_points(_calls(path)))

    for at, moment in points:
        play(partial(_killed, path, at, moment))

    assert len(points) >= 2 * len(MOMENTS)


@pytest.mark.parametrize("hours", [-2, 2])
def test_killed_while_the_clock_is_set(hours: int) -> None:
    points = list(_points(_calls(comes_back)))

    for at, moment in points:
        jump = hours * 3600.0
        play(partial(_killed, comes_back, at, moment, jump=jump))


@pytest.mark.parametrize("at", [4, 5, 6, 7])
def test_the_one_that_sweeps_up_is_killed_too(at: int) -> None:
    calls = play(lambda: _second_calls(at))

    for then, moment in _points(calls):
        fuse = Fuse(then, moment)
        play(partial(_killed, line_lost_after, at, "during", second=fuse))

    assert len(calls) > 5


def _points(calls: Sequence[str]) -> Iterator[tuple[int, Moment]]:
    """Yield every call; of those that are made again and again a few."""
    seen: Counter[str] = Counter()
    for at, name in enumerate(calls, start=1):
        seen[name] += 1
        if name not in AGAIN_AND_AGAIN or seen[name] <= 2:
            for moment in MOMENTS:
                yield at, moment


def _calls(path: Setting) -> list[str]:
    """Return what a path calls when nobody dies."""

    async def dry() -> list[str]:
        there = Theatre()
        path(there)
        first = there.monitor("a")
        await first.carry(await there.applied())
        _check(there)
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
    _check(there)


def _check(there: Theatre) -> None:
    """Everything that must hold, whatever happened."""
    change = there.change()
    outcome = change.outcome
    assert outcome is not None
    assert there.outcomes() == [outcome.value], there.steps()
    record = there.journal.records["p1"]
    assert record.outcome is outcome
    effects = len(there.hand.effects)
    assert effects <= 1
    assert there.hand.asked.count("act") <= 1
    if effects:
        assert outcome not in ONLY_BEFORE_INTENT, change.because
        assert "nothing was" not in change.because, change.because
        assert "no effect" not in change.because, change.because
    if outcome is Outcome.SUCCEEDED:
        assert effects == 1
    assert not there.flaws()
    assert not there.journal.all_locks
    assert not there.held
