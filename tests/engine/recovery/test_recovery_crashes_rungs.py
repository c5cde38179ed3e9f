"""Killed at any call while memory is freed, or a machine is booted.

As in `test_recovery_crashes.py`: every call of a path is where the monitor
dies, and another one sweeps up: one outcome, one effect at most.
"""

from collections.abc import Callable
from functools import partial

import pytest

from monitor.domain.recovery.words import Outcome
from tests.engine.recovery.rungs import BOOTED, boots, cards, frees, ready
from tests.engine.recovery.sweeping import MOMENTS, check, points
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.crashing import Fuse, Moment
from tests.fakes.hand import BOOT

Setting = Callable[[], Theatre]


def memory_comes_back() -> Theatre:
    return frees()


def memory_stays() -> Theatre:
    return frees(cards(None))


def memory_is_freed_and_the_line_lost() -> Theatre:
    there = frees()
    there.hand.line = "after"
    return there


def the_machine_is_back() -> Theatre:
    return boots(booted_to=BOOTED)


def the_machine_is_back_and_the_line_was_lost() -> Theatre:
    there = boots(booted_to=BOOTED)
    there.hand.line = "after"
    return there


def the_machine_was_not_booted() -> Theatre:
    return boots(booted_to=BOOT)


def the_machine_lacks_a_card() -> Theatre:
    return boots(gpus=1)


PATHS: tuple[Setting, ...] = (
    memory_comes_back,
    memory_stays,
    memory_is_freed_and_the_line_lost,
    the_machine_is_back,
    the_machine_is_back_and_the_line_was_lost,
    the_machine_was_not_booted,
    the_machine_lacks_a_card,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda one: one.__name__)
def test_killed_at_any_call_of_a_rung(path: Setting) -> None:
    calls = play(partial(_calls, path))
    found = list(points(calls))

    for at, moment in found:
        play(partial(_killed, path, at, moment))

    assert "act" in calls
    assert len(found) >= 5 * len(MOMENTS)


async def _calls(path: Setting) -> list[str]:
    there = path()
    first = there.monitor("a")
    await first.carry(await ready(there), within=10_000.0)
    check(there)
    await first.die()
    return first.fuse.calls


async def _killed(path: Setting, at: int, moment: Moment) -> None:
    there = path()
    first = there.monitor("a", Fuse(at, moment))
    await first.carry(await ready(there), within=10_000.0)
    await first.die()

    last = there.monitor("z")
    await last.sweep_until_quiet()

    await last.die()
    check(there)
    if not there.hand.effects:
        assert there.change().outcome is not Outcome.FAILED
