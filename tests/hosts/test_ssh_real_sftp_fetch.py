"""Canary outputs from a real SFTP server."""

import os
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import LARGEST, SftpFiles
from monitor.domain.errors import CannotTouch
from monitor.ports import Placed

HOUR = 3600


@pytest.fixture
def files(host: SshHost, tmp_path: Path) -> SftpFiles:
    return SftpFiles(host, str(tmp_path / "canary"))


@pytest.fixture
async def placed(files: SftpFiles) -> Placed:
    return await files.place([b"input"], within=10)


def _mtime(placed: Placed) -> float:
    return Path(placed.locations[0]).stat().st_mtime


async def _refusal(files: SftpFiles, placed: Placed, output: Path) -> str:
    with pytest.raises(CannotTouch) as caught:
        await files.fetch(placed, str(output), within=10)
    return str(caught.value)


async def test_an_output_comes_back_whole(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    output.write_bytes(content := os.urandom(300_000))

    assert await files.fetch(placed, str(output), within=10) == content


async def test_an_output_below_a_linked_directory_comes_back(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/out.png").write_bytes(b"image")
    (tmp_path / "output").symlink_to(tmp_path / "real")

    path = f"{tmp_path}/output/out.png"
    assert await files.fetch(placed, path, within=10) == b"image"


async def test_an_output_that_is_not_there_is_named(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    text = await _refusal(files, placed, tmp_path / "gone.png")

    assert text.startswith(
        f"cannot fetch the canary's output {tmp_path}/gone.png from host"
    )
    assert "it does not exist" in text


async def test_a_link_is_no_output(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("not for you")
    (tmp_path / "out.png").symlink_to(tmp_path / "secret")

    text = await _refusal(files, placed, tmp_path / "out.png")

    assert "it is no regular file" in text


async def test_a_pipe_is_no_output_and_is_not_waited_for(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "out.png")

    text = await _refusal(files, placed, tmp_path / "out.png")

    assert "it is no regular file" in text


async def test_a_directory_is_no_output(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    assert "no regular file" in await _refusal(files, placed, tmp_path)


async def test_a_file_from_before_the_run_is_no_output(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    old = tmp_path / "old.png"
    old.write_bytes(b"yesterday")
    before = _mtime(placed) - 2
    os.utime(old, (before, before))

    assert "not newer than" in await _refusal(files, placed, old)


async def test_an_enormous_output_is_refused(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.png"
    huge.touch()
    os.truncate(huge, LARGEST + 1)

    assert f"larger than {LARGEST}" in await _refusal(files, placed, huge)


@pytest.mark.parametrize(
    "output",
    ["", "out.png", "../out.png", "/srv/../etc/shadow", "/a\x00b", "/a\nb"],
)
async def test_a_path_that_is_not_plain_is_never_asked_for(
    files: SftpFiles, placed: Placed, output: str
) -> None:
    with pytest.raises(CannotTouch, match="cannot take the output"):
        await files.fetch(placed, output, within=10)


async def test_an_old_output_becomes_new_when_it_is_written_again(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    output.write_bytes(b"again")
    now = _mtime(placed)
    os.utime(output, (now + HOUR, now + HOUR))

    assert await files.fetch(placed, str(output), within=10) == b"again"
