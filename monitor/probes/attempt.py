"""Trying several things at once, keeping what came of each."""

from collections.abc import Awaitable
from typing import TypeVar

from monitor.domain.errors import CannotReach

T = TypeVar("T")


async def attempt(asked: Awaitable[T]) -> T | CannotReach:
    """Return what came, or the error that says why nothing did."""
    try:
        return await asked
    except CannotReach as error:
        return error
