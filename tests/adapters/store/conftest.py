"""A journal, once in memory and once in a file: the same must hold."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.ports.recovery import Journal
from tests.adapters.store_desk import opened
from tests.fakes.journal import FakeJournal


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new state file, made once: its migrations take a while."""
    path = tmp_path_factory.mktemp("empty") / "state.db"
    with opened(path):
        pass
    return path


@pytest.fixture
def path(empty: Path, tmp_path: Path) -> Path:
    """A state file with nothing in it."""
    return Path(shutil.copy(empty, tmp_path / "state.db"))


@pytest.fixture(params=["memory", "file"])
def journal(request: pytest.FixtureRequest, path: Path) -> Iterator[Journal]:
    if request.param == "memory":
        yield FakeJournal()
        return
    with opened(path) as store:
        yield store.journal
