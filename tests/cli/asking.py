"""Runs a command in this process and says what came of it."""

from typing import NamedTuple

import pytest

from monitor.cli.app import run
from tests.fakes.daemon_api import FakeDaemon


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        """What was printed, as the words of each line."""
        return [line.split() for line in self.out.splitlines()]


class Person:
    """Somebody at a terminal, and the daemon they talk to."""

    def __init__(
        self,
        daemon: FakeDaemon,
        url: str,
        printed: pytest.CaptureFixture[str],
    ) -> None:
        self.daemon = daemon
        self.url = url
        self._printed = printed

    def says(self, *arguments: str) -> Said:
        code = run(arguments)
        out, err = self._printed.readouterr()
        return Said(code, out, err)
