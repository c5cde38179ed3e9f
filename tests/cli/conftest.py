"""A person at a terminal and a daemon that knows one server."""

from collections.abc import Iterator

import pytest

from monitor.cli import following
from tests.cli.asking import Person
from tests.cli.operating import Operator
from tests.fakes.daemon_api import FakeDaemon, serving
from tests.fakes.daemon_documents import target
from tests.fakes.recovery_api import FakeDesk


@pytest.fixture
def person(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Person]:
    daemon = FakeDaemon(target())
    with serving(daemon) as url:
        monkeypatch.setenv("FACEFUSION_MONITOR_URL", url)
        monkeypatch.delenv("FACEFUSION_MONITOR_TOKEN_FILE", raising=False)
        yield Person(daemon, url, capsys)


@pytest.fixture
def operator(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Operator]:
    """Somebody who follows a change without waiting between questions."""
    monkeypatch.setattr(following, "EVERY", 0.0)
    desk = FakeDesk(target())
    with serving(desk) as url:
        monkeypatch.setenv("FACEFUSION_MONITOR_URL", url)
        monkeypatch.delenv("FACEFUSION_MONITOR_TOKEN_FILE", raising=False)
        yield Operator(desk, url, capsys)
