"""Waiting until what a machine shows is as wanted, with a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

Shown = TypeVar("Shown")
_STEP = 0.05


def until(
    look: Callable[[], Shown],
    is_right: Callable[[Shown], object],
    *,
    within: float = 10.0,
) -> Shown:
    """Look until it is right, and return what was seen then."""
    end = time.monotonic() + within
    while not is_right(seen := look()):
        assert time.monotonic() < end, f"not within {within} s; now: {seen}"
        time.sleep(_STEP)
    return seen
