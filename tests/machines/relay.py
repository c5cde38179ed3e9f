"""Reports of tests, from the pytest inside to the one outside."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.machines import land

REPORTS = "FACEFUSION_TEST_REPORTS"
"""The pipe's number, in the environment of the pytest inside."""
_MARGIN = 60.0
"""Seconds for which the pytest inside may be late with a report."""
_DAY = 86_400.0


class Sender:
    """Inside: writes every report, a line of JSON each."""

    def __init__(self, config: pytest.Config) -> None:
        number = int(os.environ[REPORTS])
        os.set_inheritable(number, False)  # noqa: FBT003 - no name for it
        self._pipe = os.fdopen(number, "w")
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook.pytest_report_to_serializable
        told = hook(config=self._config, report=report)
        self._pipe.write(json.dumps(told, default=str) + "\n")
        self._pipe.flush()


class Relay:
    """Outside: a pytest inside that runs these tests in this order."""

    def __init__(self, config: pytest.Config, tests: Sequence[str]) -> None:
        self._config = config
        self._lines: deque[str] = deque()
        self._rest = b""
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - close()
        self._pipe, theirs = os.pipe()
        try:
            self._process = self._start(tests, theirs)
        finally:
            os.close(theirs)

    def reports(
        self, item: pytest.Item, within: float
    ) -> Iterator[pytest.TestReport]:
        """Yield a test's reports as they come, its teardown last."""
        end = time.monotonic() + (within or _DAY) + _MARGIN
        while (told := self._next(end)) is not None:
            if told["nodeid"] == item.nodeid:
                yield self._read(told)
                if told["when"] == "teardown":
                    return
        yield self._lost(item)

    def close(self) -> None:
        """End it, and with it everything that it has started."""
        if self._process.poll() is None:
            try:
                self._process.wait(_MARGIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        os.close(self._pipe)
        self._log.close()

    def _start(
        self, tests: Sequence[str], pipe: int
    ) -> subprocess.Popen[bytes]:
        words = (
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly"),
            *("-p", "no:cacheprovider", "-m", land.MARK, *tests),
        )
        return subprocess.Popen(  # noqa: S603 - words of our own
            land.command(words),
            cwd=self._config.rootpath,
            env={**os.environ, land.HERE: "inside", REPORTS: str(pipe)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(pipe,),
        )

    def _next(self, end: float) -> Mapping[str, object] | None:
        """Return the next report; None when no more come in time."""
        while not self._lines:
            left = max(0.0, end - time.monotonic())
            if not select.select([self._pipe], [], [], left)[0]:
                self._process.kill()
                return None
            new = os.read(self._pipe, 65_536)
            if not new:
                return None
            *lines, self._rest = (self._rest + new).split(b"\n")
            self._lines.extend(line.decode() for line in lines)
        told: dict[str, object] = json.loads(self._lines.popleft())
        return told

    def _read(self, told: Mapping[str, object]) -> pytest.TestReport:
        hook = self._config.hook.pytest_report_from_serializable
        report: pytest.TestReport = hook(config=self._config, data=dict(told))
        return report

    def _lost(self, item: pytest.Item) -> pytest.TestReport:
        self._log.seek(0)
        said = self._log.read().decode(errors="replace")
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed",
            longrepr=f"no report came from the place of machines:\n{said}",
            when="call",
        )
