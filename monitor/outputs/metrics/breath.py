"""Letting the event loop have its turn while a thread works.

A thread that computes keeps the interpreter for 5 ms before the loop gets
it, each time the loop wakes up. A real sleep, be it ever so short, hands it
over at once; a sleep of 0 does not.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BREATH = 5e-5
"""Seconds."""
PARTS_AT_ONCE = 4000
"""Some 700 kB, joined in 0.2 ms; beyond 1 MB Python lets go by itself."""


def breathe() -> None:
    """Let the loop have its turn. Not to be called with a lock held."""
    time.sleep(BREATH)


def unhurried(things: Iterable[T], at_once: int) -> Iterator[T]:
    """Iterate over things, with a breath after so many of them."""
    for count, thing in enumerate(things, 1):
        yield thing
        if count % at_once == 0:
            breathe()


def joined(parts: Sequence[bytes]) -> bytes:
    """Return all parts in one."""
    starts = range(0, len(parts), PARTS_AT_ONCE)
    return b"".join(
        b"".join(parts[start : start + PARTS_AT_ONCE])
        for start in unhurried(starts, 1)
    )
