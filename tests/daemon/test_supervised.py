"""Systemd's watchdog is fed by the engine's turns, and only while all live."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.adapters.systemd import ServiceManager
from monitor.daemon import supervised
from monitor.daemon.supervised import Supervised
from monitor.domain.errors import CannotStore
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.scheduler import FakeScheduler


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        yield listening


class Disk:
    """A state database: well, full, or stuck."""

    def __init__(self) -> None:
        self.is_full = False
        self.is_stuck = False

    async def lives(self) -> None:
        if self.is_full:
            raise CannotStore("cannot write: the disk is full")
        if self.is_stuck:
            await asyncio.get_running_loop().create_future()


def under(
    heard: socket.socket, disk: Disk, watchdog: str = "30000000"
) -> Supervised:
    environment = {
        "NOTIFY_SOCKET": heard.getsockname(),
        "WATCHDOG_USEC": watchdog,
    }
    manager = ServiceManager(environment, pid=1)
    return Supervised(manager, FakeClock(), disk.lives)


def messages(heard: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(heard.recv(200))
        except BlockingIOError:
            return found


def test_signs_of_life_come_three_times_as_often_as_needed(
    heard: socket.socket,
) -> None:
    scheduler = FakeScheduler(FakeClock())

    under(heard, Disk()).ready(scheduler, "watching 3 servers")

    assert messages(heard) == [b"READY=1\nSTATUS=watching 3 servers"]
    assert scheduler.jobs["watchdog"].interval == 10.0


def test_without_a_watchdog_nothing_is_scheduled(heard: socket.socket) -> None:
    scheduler = FakeScheduler(FakeClock())

    under(heard, Disk(), watchdog="").ready(scheduler, "watching")

    assert scheduler.jobs == {}


async def test_a_full_disk_is_no_reason_to_be_ended(
    heard: socket.socket,
) -> None:
    disk = Disk()
    disk.is_full = True

    await under(heard, disk).turn(Due(at=0.0))

    assert messages(heard) == [b"WATCHDOG=1"]


async def test_a_stuck_database_is_one(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervised, "STORE_ANSWERS", 0.01)
    disk = Disk()
    disk.is_stuck = True

    await under(heard, disk).turn(Due(at=0.0))

    assert messages(heard) == []


def test_a_reload_is_told_from_its_beginning_to_its_end(
    heard: socket.socket,
) -> None:
    service = under(heard, Disk())

    service.reloading()
    service.reloaded("watching 4 servers")
    service.stopping()

    first, *rest = messages(heard)
    assert first.startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    assert rest == [b"READY=1\nSTATUS=watching 4 servers", b"STOPPING=1"]
