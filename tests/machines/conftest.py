"""Machines, inside the place where they may run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines.host import SystemdHost
from tests.machines.operator import Operator


@pytest.fixture
def host(
    place: None,  # noqa: ARG001 - it must be there first
) -> Iterator[SystemdHost]:
    with SystemdHost() as machine:
        yield machine


@pytest.fixture
def operator(
    host: SystemdHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Operator:
    return Operator(host, tmp_path, capsys)
