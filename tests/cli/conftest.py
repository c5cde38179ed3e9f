"""A person at a terminal and a daemon that knows one server."""

from collections.abc import Iterator

import pytest

from tests.cli.asking import Person
from tests.fakes.daemon_api import FakeDaemon, serving
from tests.fakes.daemon_documents import target


@pytest.fixture
def person(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Person]:
    daemon = FakeDaemon(target())
    with serving(daemon) as url:
        monkeypatch.setenv("FACEFUSION_MONITOR_URL", url)
        monkeypatch.delenv("FACEFUSION_MONITOR_TOKEN_FILE", raising=False)
        yield Person(daemon, url, capsys)
