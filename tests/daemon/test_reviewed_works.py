"""What the daemon wires together is what its parts promise."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.daemon import works as wired
from monitor.daemon.configuration import Configuration
from monitor.daemon.diagnosing import Diagnosing
from monitor.daemon.works import Works
from monitor.engine.recovery.runner import Runner

FILE = """
state: {url: "sqlite:///state.db"}
targets: [{name: studio, url: "http://127.0.0.1:1"}]
"""
Why = Callable[[str], str]


class Town:
    """A daemon's works; `changing` is what its pager asks."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.changing: list[Why] = []

        def diagnosing(*, changing: Why, **more: Any) -> Diagnosing:  # noqa: ANN401 - handed on as it is
            self.changing.append(changing)
            return Diagnosing(changing=changing, **more)

        patch.setattr(wired, "Diagnosing", diagnosing)
        patch.chdir(folder)
        (folder / "facefusion-monitor.yml").write_text(FILE)
        configuration = Configuration(None, {}, folder)
        base = configuration.base()
        self.works = Works(configuration, base, "http://127.0.0.1:1")


@pytest.fixture
async def town(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    made = Town(tmp_path, monkeypatch)
    yield made
    await made.works.house.close()
    made.works.store.close()


async def test_the_pager_asks_the_runner_whether_it_is_our_own_doing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that waits for users' work has done nothing: people are told.

    The runner knows that; that canaries are held back says something else.
    """
    [changing] = town.changing

    before = changing("studio")
    monkeypatch.setattr(Runner, "changing", lambda _, name: f"ours: {name}")

    assert before == ""
    assert changing("studio") == "ours: studio"
