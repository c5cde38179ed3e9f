"""SFTP servers that behave in ways that OpenSSH does not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest
from typing_extensions import override

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import SftpFiles
from monitor.domain.errors import CannotTouch
from tests.adapters.ssh_peers import serving
from tests.fakes.clock import FakeClock


class _FullDisk(asyncssh.SFTPServer):
    """Takes the first file (nowhere), then nothing any more."""

    @override
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if b"second" in data:
            raise asyncssh.SFTPFailure("no space left on device")
        return len(data)


class _Timeless(asyncssh.SFTPServer):
    """Tells no times."""

    @override
    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        return asyncssh.SFTPAttrs(size=5, permissions=0o100644)


class _Growing(asyncssh.SFTPServer):
    """Its files are never as long as it says."""

    @override
    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        return b"more" if offset < 100 else b""


class _Stuck(asyncssh.SFTPServer):
    """Does not come to the end of a write."""

    @override
    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        super().close(file_obj)
        await asyncio.Event().wait()
        return 0


class _Keeper(asyncssh.SFTPServer):
    """Removes nothing."""

    @override
    def remove(self, path: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("these are mine")


@contextlib.asynccontextmanager
async def _files(
    sftp: type[asyncssh.SFTPServer], directory: Path
) -> AsyncIterator[tuple[SftpFiles, SshHost]]:
    async with serving(directory, sftp=sftp) as settings:
        host = SshHost("gpu1", settings, FakeClock())
        yield SftpFiles(host, str(directory / "canary")), host
        await host.close()


async def test_a_full_disk_is_named_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    async with _files(_FullDisk, tmp_path) as (files, _):
        with pytest.raises(CannotTouch, match="no space left on device"):
            await files.place([b"first", b"second"], within=10)

    assert not _names(tmp_path / "canary")


async def test_where_no_times_are_told_nothing_is_new(
    tmp_path: Path,
) -> None:
    async with _files(_Timeless, tmp_path) as (files, _):
        placed = await files.place([b"image"], within=10)

        with pytest.raises(CannotTouch, match="not newer than"):
            await files.fetch(placed, placed.locations[0], within=10)


async def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path,
) -> None:
    async with _files(_Growing, tmp_path) as (files, _):
        placed = await files.place([b"image"], within=10)

        with pytest.raises(CannotTouch, match="changed while it was read"):
            await files.fetch(placed, placed.locations[0], within=10)


async def test_writes_that_do_not_end_are_given_up_in_time(
    tmp_path: Path,
) -> None:
    async with _files(_Stuck, tmp_path) as (files, host):
        stuck = (files.place([b"image"], within=1) for _ in range(4))
        await asyncio.gather(*stuck, return_exceptions=True)

        with pytest.raises(CannotTouch, match="were not done with"):
            await files.place([b"image"], within=0.5)

        assert host.state == "connected"


async def test_an_upload_that_cannot_be_removed_is_named(
    tmp_path: Path,
) -> None:
    async with _files(_Keeper, tmp_path) as (files, _):
        placed = await files.place([b"image"], within=10)

        advice = "give the user 'ffmon' access there, or set canary_files"
        with pytest.raises(CannotTouch, match=advice):
            await files.clean(placed, None, within=10)


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}
