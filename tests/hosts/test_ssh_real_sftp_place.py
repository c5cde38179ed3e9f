"""Canary inputs on a real SFTP server."""

import asyncio
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import SftpFiles
from monitor.domain.errors import CannotTouch, ConfigurationError
from monitor.ports import Placed
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, sshd
from tests.hosts.waiting import until


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def files(host: SshHost, directory: Path) -> SftpFiles:
    return SftpFiles(host, str(directory))


def _contents(paths: Sequence[str]) -> list[bytes]:
    return [Path(path).read_bytes() for path in paths]


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def _make(directory: Path, mode: int) -> None:
    directory.mkdir()
    directory.chmod(mode)


def _mode(path: str | Path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


async def _refusal(files: SftpFiles) -> str:
    with pytest.raises(CannotTouch) as caught:
        await files.place([b"image"], within=10)
    return str(caught.value)


async def test_images_are_placed_in_the_order_given(
    files: SftpFiles, directory: Path
) -> None:
    first, second = os.urandom(100_000), b"small"

    placed = await files.place([first, second], within=10)

    assert _contents(placed.locations) == [first, second]
    assert {Path(path).parent for path in placed.locations} == {directory}


async def test_several_canaries_may_make_the_directory_at_once(
    files: SftpFiles, directory: Path
) -> None:
    places = (files.place([b"image"], within=10) for _ in range(8))

    await asyncio.gather(*places)

    assert len(_names(directory)) == 8


async def test_names_are_new_each_time_and_nothing_half_written_stays(
    files: SftpFiles, directory: Path
) -> None:
    first = await files.place([b"a"], within=10)
    second = await files.place([b"a"], within=10)

    names = {Path(p).name for p in (*first.locations, *second.locations)}
    assert names == _names(directory)
    assert len(names) == 2
    assert all(len(name) == len("ffmon-.jpg") + 32 for name in names)


async def test_another_user_can_read_them_whatever_the_umask(
    tmp_path: Path, connect: Connect, directory: Path
) -> None:
    strict = "Subsystem sftp internal-sftp -u 0077"
    with sshd(tmp_path / "sshd", strict) as server:
        files = SftpFiles(connect(server.settings), str(directory))

        placed = await files.place([b"a"], within=10)

    assert _mode(directory) == 0o755
    assert _mode(placed.locations[0]) == 0o644


async def test_a_link_in_the_way_is_not_written_through(
    files: SftpFiles,
    directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can guess the name; this is for the day when somebody does."""
    monkeypatch.setattr(secrets, "token_hex", lambda length: "0" * 2 * length)
    precious = tmp_path / "precious"
    (tmp_path / "precious").write_text("kept")
    _make(directory, 0o755)
    (directory / f"ffmon-{'0' * 32}.jpg.part").symlink_to(precious)

    text = await _refusal(files)

    assert text.startswith("cannot write")
    assert _contents([str(precious)]) == [b"kept"]


@pytest.mark.parametrize("mode", [0o700, 0o775, 0o1777])
async def test_a_safe_directory_is_used_as_it_is(
    files: SftpFiles, directory: Path, mode: int
) -> None:
    _make(directory, mode)

    await files.place([b"a"], within=10)

    assert _mode(directory) == mode


async def test_a_directory_that_everybody_may_write_is_refused(
    files: SftpFiles, directory: Path
) -> None:
    _make(directory, 0o777)

    assert "may be written by everybody" in await _refusal(files)
    assert not _names(directory)


async def test_a_directory_that_is_a_link_is_refused(
    files: SftpFiles, directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / directory.name).symlink_to(tmp_path / "elsewhere")

    assert "it is a symbolic link" in await _refusal(files)


async def test_a_file_in_place_of_the_directory_is_refused(
    files: SftpFiles, directory: Path
) -> None:
    (directory.parent / directory.name).write_text("here already")

    assert "it is no directory" in await _refusal(files)


async def test_a_directory_without_a_parent_is_named(
    host: SshHost, tmp_path: Path
) -> None:
    files = SftpFiles(host, f"{tmp_path}/no/such")

    text = await _refusal(files)

    assert text.startswith(f"cannot make the directory {tmp_path}/no/such on")
    assert "check that its directory exists there" in text


@pytest.mark.parametrize(
    "directory", ["", "canary", "./canary", "/var/../etc", "/", "/a\nb"]
)
async def test_a_directory_that_is_no_plain_path_is_a_wrong_setting(
    host: SshHost, directory: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"canary_files\.directory"):
        SftpFiles(host, directory)


@pytest.mark.parametrize(
    "option", ["Subsystem sftp /bin/false", "ForceCommand echo not sftp"]
)
async def test_an_sshd_without_sftp_is_named(
    tmp_path: Path, connect: Connect, directory: Path, option: str
) -> None:
    with sshd(tmp_path / "sshd", option) as server:
        files = SftpFiles(connect(server.settings), str(directory))

        text = await _refusal(files)

    assert text.startswith("cannot use SFTP on host 'gpu1'")
    assert "Subsystem sftp internal-sftp" in text


async def test_a_frozen_sshd_is_a_failed_upload_that_can_be_repeated(
    host: SshHost, server: Sshd, files: SftpFiles
) -> None:
    await host.run("true", within=10)
    server.freeze()

    with pytest.raises(CannotTouch, match=r"within 0\.5 s"):
        await files.place([b"a"], within=0.5)

    await until(lambda: host.state == "down", within=5)
    assert (await files.place([b"a"], within=10)).locations


async def test_a_killed_connection_is_made_again_for_an_upload(
    host: SshHost, server: Sshd, files: SftpFiles
) -> None:
    await host.run("true", within=10)

    server.kill_sessions()

    assert (await files.place([b"a"], within=10)).locations


async def test_images_that_were_placed_otherwise_are_not_ours(
    files: SftpFiles,
) -> None:
    with pytest.raises(CannotTouch, match="not placed by SFTP"):
        await files.fetch(Placed(locations=("/a",)), "/a", within=10)
