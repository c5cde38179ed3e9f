"""SFTP on real paths, confined to the host's directory."""

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncssh
import paramiko
import pytest

from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import Visitor

Try = Callable[[asyncssh.SFTPClient, str], Awaitable[object]]
ATTEMPTS: dict[str, Try] = {
    "read": lambda sftp, path: sftp.open(path, "rb"),
    "write": lambda sftp, path: sftp.open(path, "wb"),
    "stat": lambda sftp, path: sftp.stat(path),
    "lstat": lambda sftp, path: sftp.lstat(path),
    "remove": lambda sftp, path: sftp.remove(path),
    "list": lambda sftp, path: sftp.listdir(path),
    "mkdir": lambda sftp, path: sftp.mkdir(f"{path}/x"),
    "rmdir": lambda sftp, path: sftp.rmdir(path),
    "move out of": lambda sftp, path: sftp.rename(path, "canary/taken"),
    "move to": lambda sftp, path: sftp.rename("canary", path),
    "chmod": lambda sftp, path: sftp.chmod(path, 0o777),
}


@pytest.fixture
async def sftp(
    studio: SimulatedHost, visitor: Visitor
) -> AsyncIterator[asyncssh.SFTPClient]:
    async with (
        visitor.ssh(studio) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


async def test_a_file_goes_there_and_comes_back(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient
) -> None:
    path = str(studio.canary_directory / "image.jpg")
    data = bytes(range(256)) * 1000

    async with sftp.open(path, "wb") as file:
        await file.write(data)
        await file.setstat(asyncssh.SFTPAttrs(permissions=0o644))
    async with sftp.open(path, "rb") as file:
        back: object = await file.read()

    seen = await sftp.stat(path)
    assert back == data
    assert _read(path) == data
    assert seen.size == len(data)
    assert stat.S_IMODE(seen.permissions or 0) == 0o644


async def test_a_new_file_is_private(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient
) -> None:
    path = studio.canary_directory / "image.jpg"

    async with sftp.open(str(path), "wb") as file:
        await file.write(b"x")

    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_directories_are_made_listed_and_removed(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient
) -> None:
    folder = str(studio.canary_directory / "new")

    await sftp.mkdir(folder)
    await sftp.rename(folder, f"{folder}er")
    await sftp.rename(f"{folder}er", folder)
    listed = await sftp.listdir(str(studio.canary_directory))
    await sftp.rmdir(folder)

    assert "new" in listed
    assert not await sftp.exists(folder)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _replace(host: SimulatedHost, key: Path, old: str, new: str) -> None:
    """Do as paramiko does; asyncssh has no such call for this server."""
    with paramiko.Transport((host.ssh_address, host.ssh_port)) as transport:
        transport.connect(
            username="ffmon", pkey=paramiko.PKey.from_path(str(key))
        )
        sftp = paramiko.SFTPClient.from_transport(transport)
        assert sftp is not None
        sftp.posix_rename(old, new)


async def test_a_rename_replaces_nothing_unless_it_is_the_posix_one(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient, visitor: Visitor
) -> None:
    old, new = (studio.canary_directory / name for name in ("old", "new"))
    old.write_text("old")
    new.write_text("new")

    with pytest.raises(asyncssh.SFTPFailure):
        await sftp.rename(str(old), str(new))
    await asyncio.to_thread(_replace, studio, visitor.key, str(old), str(new))

    assert new.read_text() == "old"


async def test_a_file_that_is_not_there_is_said_to_be_so(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient
) -> None:
    path = str(studio.canary_directory / "missing")

    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await sftp.stat(path)
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await sftp.remove(path)
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await sftp.open(path, "rb")


async def test_a_relative_path_starts_in_the_hosts_directory(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient
) -> None:
    assert await sftp.realpath(".") == str(studio.workdir)
    assert "canary" in await sftp.listdir(".")


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("way", ["straight", "dots"])
async def test_outside_of_its_directory_nothing_may_be_done(
    outside: Path, sftp: asyncssh.SFTPClient, attempt: str, way: str
) -> None:
    dots = f"canary/{'../' * 20}{str(outside)[1:]}"
    path = {"straight": str(outside), "dots": dots}[way]

    with pytest.raises(asyncssh.SFTPPermissionDenied):
        await ATTEMPTS[attempt](sftp, path)


async def test_a_link_that_leads_outside_is_not_followed(
    studio: SimulatedHost, sftp: asyncssh.SFTPClient, outside: Path
) -> None:
    link = studio.canary_directory / "link"
    link.symlink_to(outside)

    with pytest.raises(asyncssh.SFTPPermissionDenied):
        await sftp.open(str(link), "wb")
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        await sftp.stat(str(link))
    seen = await sftp.lstat(str(link))
    await sftp.remove(str(link))

    assert stat.S_ISLNK(seen.permissions or 0)
