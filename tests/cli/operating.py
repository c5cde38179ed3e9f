"""Somebody who may act, and the daemon they ask to."""

import io
from pathlib import Path

import pytest
from typing_extensions import override

from tests.cli.asking import Person
from tests.fakes.recovery_api import FakeDesk

EXPECTED = Path(__file__).parents[1] / "expected"


class Operator(Person):
    """A person whose daemon plans and applies."""

    def __init__(
        self, desk: FakeDesk, url: str, printed: pytest.CaptureFixture[str]
    ) -> None:
        super().__init__(desk, url, printed)
        self.desk = desk


class Terminal(io.StringIO):
    """Somebody who types at a terminal."""

    @override
    def isatty(self) -> bool:
        return True


def golden(name: str, text: str, request: pytest.FixtureRequest) -> str:
    """Return what a text must be; `--update` makes it what it is."""
    file = EXPECTED / name
    if request.config.getoption("--update"):
        file.write_text(text)
    return file.read_text()
