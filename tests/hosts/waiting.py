"""Waiting for something to become true, with a bound."""

import asyncio
from collections.abc import Callable

STEP = 0.01


async def until(is_true: Callable[[], bool], *, within: float = 10.0) -> None:
    for _ in range(int(within / STEP)):
        if is_true():
            return
        await asyncio.sleep(STEP)
    raise TimeoutError
