"""Stories in simulated time: a loop of their own, and a house."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import lru_cache

import pytest
import pytest_asyncio

from monitor.domain.nvidia_smi import interpret
from tests.stories.simulated.clockwork import Clockwork
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import Document, one_server

_interpret = lru_cache(maxsize=20_000)(interpret)


def pytest_asyncio_loop_factories() -> Mapping[
    str, Callable[[], asyncio.AbstractEventLoop]
]:
    """Run every story here on a clockwork."""
    return {"clockwork": Clockwork}


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the same answer of nvidia-smi be read once: that is most of a day.

    What is read never changes.
    """
    monkeypatch.setattr("monitor.probes.gpu.interpret", _interpret)


@pytest.fixture(autouse=True)
def _collect_seldom() -> Iterator[None]:
    """Look for garbage less often: a sixth of a day goes into it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture
def settings() -> Document:
    """Return what a story's configuration says; stories change it."""
    return one_server()


@pytest_asyncio.fixture
async def house(settings: Document) -> AsyncIterator[House]:
    """Return a house that watches one server, and has for five minutes."""
    house = House(settings)
    await house.open()
    try:
        await house.pass_time(300)
        yield house
        assert not house.broke
        assert not house.defects
    finally:
        await house.close()
