"""Canary images through an installed gate, and by SFTP without one."""

import os
from pathlib import Path

import pytest

from monitor.adapters.gate.files import GateFiles
from monitor.adapters.gate.remote import RemoteGate
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotTouch
from tests.fakes.clock import FakeClock
from tests.hosts.gates import WITHIN, gate_on, install
from tests.hosts.sshd import Sshd

IMAGES = (b"first image", bytes(range(256)) * 400)


@pytest.fixture(params=["installed", "stdin"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def directory(server: Sshd, way: str, tmp_path: Path) -> Path:
    found = tmp_path / "canary"
    if way == "installed":
        install(server, role=f"observe --directory {found}")
    return found


def _files(gate: RemoteGate, host: SshHost, directory: Path) -> GateFiles:
    return GateFiles(host, gate, str(directory))


def _names(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir()]


def _read(path: str) -> tuple[bytes, int]:
    file = Path(path)
    return file.read_bytes(), file.stat().st_mode & 0o777


async def test_images_go_there_and_outputs_come_back(
    host: SshHost, clock: FakeClock, directory: Path, way: str
) -> None:
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, directory)

        placed = await files.place(IMAGES, within=WITHIN)
        written = [_read(path) for path in placed.locations]
        output = directory / "result.png"
        output.write_bytes(b"made of it" * 100_000)
        fetched = await files.fetch(placed, str(output), within=WITHIN)
        await files.clean(placed, str(output), within=WITHIN)

        assert written == [(image, 0o644) for image in IMAGES]
        assert fetched == b"made of it" * 100_000
        assert _names(directory) == []
        assert await gate.way(within=WITHIN) == way


async def test_an_output_elsewhere_is_fetched_and_stays(
    host: SshHost, clock: FakeClock, directory: Path, tmp_path: Path
) -> None:
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, directory)
        placed = await files.place(IMAGES, within=WITHIN)
        output = tmp_path / "result.png"
        output.write_bytes(b"\x89PNG.")

        fetched = await files.fetch(placed, str(output), within=WITHIN)
        await files.clean(placed, str(output), within=WITHIN)

    assert fetched == b"\x89PNG."
    assert output.exists()
    assert _names(directory) == []


async def test_an_output_of_another_run_is_refused_and_stays(
    host: SshHost, clock: FakeClock, directory: Path
) -> None:
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, directory)
        placed = await files.place(IMAGES, within=WITHIN)
        output = directory / "result.png"
        output.write_bytes(b"old")
        os.utime(output, (1_000_000_000, 1_000_000_000))

        with pytest.raises(CannotTouch, match=r"not newer|older than"):
            await files.fetch(placed, str(output), within=WITHIN)
        await files.clean(placed, str(output), within=WITHIN)

    assert _names(directory) == ["result.png"]


async def test_no_link_no_directory_and_nothing_huge_comes_back(
    host: SshHost, clock: FakeClock, directory: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    huge = tmp_path / "huge"
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, directory)
        placed = await files.place(IMAGES, within=WITHIN)
        (directory / "link").symlink_to(secret)
        with huge.open("wb") as file:
            file.truncate((32 << 20) + 1)

        for output in (directory / "link", directory, huge, "relative"):
            with pytest.raises(CannotTouch, match="cannot"):
                await files.fetch(placed, str(output), within=WITHIN)


async def test_uploads_of_crashed_runs_are_removed(
    host: SshHost, clock: FakeClock, directory: Path
) -> None:
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, directory)
        placed = await files.place(IMAGES, within=WITHIN)
        for name in (f"ffmon-{'a' * 32}.jpg", "somebody.jpg"):
            (directory / name).write_bytes(b"old")
            os.utime(directory / name, (1_000_000_000, 1_000_000_000))

        await files.clean(placed, None, within=WITHIN)

    assert _names(directory) == ["somebody.jpg"]


async def test_a_gate_with_another_directory_is_named(
    host: SshHost, server: Sshd, clock: FakeClock, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    install(server, role=f"observe --directory {elsewhere}")
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, tmp_path / "canary")

        with pytest.raises(CannotTouch, match=r"canary_files\.directory"):
            await files.place(IMAGES, within=WITHIN)


async def test_a_gate_without_a_directory_refuses(
    host: SshHost, server: Sshd, clock: FakeClock, tmp_path: Path
) -> None:
    install(server)
    async with gate_on(host, clock) as gate:
        files = _files(gate, host, tmp_path / "canary")

        with pytest.raises(CannotTouch, match="cannot place"):
            await files.place(IMAGES, within=WITHIN)
