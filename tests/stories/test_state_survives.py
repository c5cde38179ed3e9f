"""A monitor is killed, or its disk fills up: what it still knows."""

import asyncio
import os
import sqlite3
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import closing
from pathlib import Path

import pytest

from monitor.adapters.store import SqliteStore
from monitor.adapters.store.behind import DELAY
from monitor.domain.history import Kept, Moment
from monitor.domain.observation import Kind
from tests.conftest import component

PYTHON = (sys.executable, "-m", "tests.stories.state_writer")
KILLS = 4
NEWS = 40
"""Changed opinions before each kill."""
SLACK = 1.5
"""Seconds that a busy machine may be late."""


async def start(*argv: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *argv, stdout=PIPE, stderr=STDOUT, cwd=Path(__file__).parents[2]
    )


async def killed(path: Path, first: int) -> int:
    """Kill a writing process; return the last promise that it was given."""
    writer = await start(*PYTHON, "write", str(path), f"{first}")
    assert writer.stdout is not None
    promised = first - 1
    async with asyncio.timeout(30):
        while promised < first + NEWS:
            promised = int(await writer.stdout.readline())
    writer.kill()
    rest = await writer.stdout.read()
    await writer.wait()
    lines = rest.split(b"\n")[:-1]
    return int(lines[-1]) if lines else promised


async def known(path: Path) -> tuple[Kept, list[Moment]]:
    store = SqliteStore(f"sqlite:///{path}")
    try:
        [kept] = await store.kept()
        history = await store.history(
            Kind.TARGET, "studio", since=0, limit=10_000
        )
        return kept, list(history)
    finally:
        store.close()


async def test_a_killed_monitor_keeps_its_promises(tmp_path: Path) -> None:
    path, first = tmp_path / "state.db", 0
    for _ in range(KILLS):
        promised = await killed(path, first)

        _, history = await known(path)

        times = [int(m.at) for m in history]
        assert times == list(range(times[0], -1, -1))
        assert times[0] >= promised
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        first = times[0] + 1


async def test_a_killed_monitor_loses_a_second_of_plain_looks(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    writer = await start(*PYTHON, "plain", str(path))
    assert writer.stdout is not None
    async with asyncio.timeout(30):
        last = begun = float(await writer.stdout.readline())
        while last < begun + 2 * DELAY:
            last = float(await writer.stdout.readline())

    writer.kill()
    await writer.communicate()
    kept, _ = await known(path)

    assert kept.track.score > last - DELAY - SLACK


@pytest.mark.parametrize("how", ["limit", "tmpfs"])
async def test_a_full_disk_is_told_and_forgiven(
    tmp_path: Path, how: str
) -> None:
    argv = [*PYTHON, how, str(tmp_path)]
    if how == "tmpfs":
        if os.geteuid() != 0:
            pytest.skip("only root may mount a small disk")
        mount = 'mount -t tmpfs -o size=600k none "$0" && exec "$@"'
        argv = [component("unshare"), "-m", "sh", "-c", mount, argv[4], *argv]

    writer = await start(*argv)
    async with asyncio.timeout(60):
        said, _ = await writer.communicate()

    assert writer.returncode == 0, said.decode()
    assert said.startswith(b"cannot write the state database")
    assert b"its disk" in said
