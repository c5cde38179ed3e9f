"""Systemd hears that we are ready, alive, reloading and stopping."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.adapters.systemd import ServiceManager


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(0)
        yield heard


def told(manager: socket.socket, **more: str) -> ServiceManager:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), **more}
    return ServiceManager(environment, pid=77)


def test_each_message_is_one_datagram(manager: socket.socket) -> None:
    service = told(manager)

    service.ready("watching\n3 servers")
    service.reloading(2.5)
    service.alive()
    service.stopping()

    assert [manager.recv(200) for _ in range(4)] == [
        b"READY=1\nSTATUS=watching 3 servers",
        b"RELOADING=1\nMONOTONIC_USEC=2500000",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_an_abstract_socket_is_named_with_an_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0facefusion-monitor-test")
        service = ServiceManager(
            {"NOTIFY_SOCKET": "@facefusion-monitor-test"}, pid=1
        )

        service.alive()

        assert heard.recv(100) == b"WATCHDOG=1"


def test_what_we_start_must_not_speak_for_us(manager: socket.socket) -> None:
    environment = {
        "NOTIFY_SOCKET": manager.getsockname(),
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": "77",
        "PATH": "/bin",
    }

    service = ServiceManager(environment, pid=77)

    assert environment == {"PATH": "/bin"}
    assert service.watches
    assert service.watchdog == 30.0


@pytest.mark.parametrize(
    ("more", "watches"),
    [
        ({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "78"}, False),
        ({"WATCHDOG_USEC": "1000"}, True),
        ({"WATCHDOG_USEC": "soon"}, False),
        ({}, False),
    ],
)
def test_a_watchdog_of_somebody_else_is_not_fed(
    manager: socket.socket, *, more: dict[str, str], watches: bool
) -> None:
    assert told(manager, **more).watches is watches


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/there"])
def test_without_a_manager_nothing_is_said(address: str) -> None:
    service = ServiceManager({"NOTIFY_SOCKET": address}, pid=1)

    service.ready("watching")

    assert not service.watches


def test_a_manager_that_does_not_listen_holds_nobody(
    manager: socket.socket,
) -> None:
    service = told(manager)

    for _ in range(2000):
        service.alive()

    assert manager.recv(100) == b"WATCHDOG=1"
