"""Sockets are handled by hand: they must work on both event loops."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from monitor.adapters.loop import loop_factory

_ON_BOTH = (
    "test_http_",
    "test_net",
    "test_scheduler",
    "test_rest_",
)


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run what touches the loop on asyncio's and on ours."""
    plain = {"asyncio": asyncio.new_event_loop}
    if not item.path.name.startswith(_ON_BOTH):
        return plain
    return {**plain, "ours": loop_factory()}
