"""What is removed on a real SFTP server, and what never is."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.sftp_files import REMOVED, SftpFiles
from monitor.domain.errors import CannotTouch
from monitor.ports import Placed

HOUR = 3600


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def files(host: SshHost, directory: Path) -> SftpFiles:
    return SftpFiles(host, str(directory))


@pytest.fixture
async def placed(files: SftpFiles) -> Placed:
    return await files.place([b"first", b"second"], within=10)


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def _remove(paths: Sequence[str]) -> None:
    for path in paths:
        Path(path).unlink()


def _replace_by_link(directory: Path, target: Path) -> None:
    directory.rename(directory.with_name("moved"))
    directory.symlink_to(target)


def _write(path: Path, *, age: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"image")
    written = path.stat().st_mtime - age
    os.utime(path, (written, written))
    return path


async def test_the_uploads_are_removed(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    await files.clean(placed, None, within=10)

    assert _names(directory) == set()


async def test_uploads_that_are_gone_already_are_no_error(
    files: SftpFiles, placed: Placed
) -> None:
    _remove(placed.locations)

    await files.clean(placed, None, within=10)


@pytest.mark.parametrize("name", ["out.png", "deep/down/out.png"])
async def test_a_new_output_below_the_directory_is_removed(
    files: SftpFiles, placed: Placed, directory: Path, name: str
) -> None:
    output = _write(directory / name)

    await files.clean(placed, str(output), within=10)

    assert not output.exists()


async def test_an_output_elsewhere_stays(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    output = _write(tmp_path / "out.png")

    await files.clean(placed, str(output), within=10)

    assert output.exists()


async def test_the_upload_of_another_canary_stays(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    other = _write(directory / f"ffmon-{'0' * 32}.jpg")

    await files.clean(placed, str(other), within=10)

    assert _names(directory) == {other.name}


async def test_a_directory_of_a_similar_name_is_elsewhere(
    files: SftpFiles, placed: Placed, tmp_path: Path
) -> None:
    output = _write(tmp_path / "canary-of-others/out.png")

    await files.clean(placed, str(output), within=10)

    assert output.exists()


async def test_an_output_from_before_the_run_stays(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    output = _write(directory / "out.png", age=5)

    await files.clean(placed, str(output), within=10)

    assert output.exists()


async def test_a_linked_output_stays_and_so_does_what_it_points_to(
    files: SftpFiles, placed: Placed, directory: Path, tmp_path: Path
) -> None:
    target = _write(tmp_path / "precious")
    link = directory / "out.png"
    link.symlink_to(target)

    await files.clean(placed, str(link), within=10)

    assert link.is_symlink()
    assert target.exists()


@pytest.mark.parametrize("name", ["precious.png", "deep/precious.png"])
async def test_a_linked_directory_does_not_lead_out(
    files: SftpFiles,
    placed: Placed,
    directory: Path,
    tmp_path: Path,
    name: str,
) -> None:
    target = _write(tmp_path / "others" / name)
    (directory / "sub").symlink_to(tmp_path / "others")

    await files.clean(placed, f"{directory}/sub/{name}", within=10)

    assert target.exists()


async def test_dots_do_not_lead_out(
    files: SftpFiles, placed: Placed, directory: Path, tmp_path: Path
) -> None:
    target = _write(tmp_path / "precious.png")

    await files.clean(placed, f"{directory}/../precious.png", within=10)

    assert target.exists()


async def test_the_directory_replaced_by_a_link_leads_nowhere(
    files: SftpFiles, placed: Placed, directory: Path, tmp_path: Path
) -> None:
    target = _write(tmp_path / "others/precious.png")
    _replace_by_link(directory, target.parent)

    await files.clean(placed, f"{directory}/precious.png", within=10)

    assert target.exists()


async def test_where_everybody_may_write_nothing_is_removed(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    output = _write(directory / "open/out.png")
    output.parent.chmod(0o777)

    await files.clean(placed, str(output), within=10)

    assert output.exists()


@pytest.mark.parametrize("output", ["", "out.png", "/", "/a\nb"])
async def test_an_answer_that_is_no_path_does_not_stop_the_cleaning(
    files: SftpFiles, placed: Placed, directory: Path, output: str
) -> None:
    await files.clean(placed, output, within=10)

    assert _names(directory) == set()


async def test_the_directory_itself_is_no_output(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    await files.clean(placed, f"{directory}/", within=10)

    assert _names(directory) == set()


async def test_uploads_of_crashed_runs_are_swept_up_after_an_hour(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    old, young = f"ffmon-{'0' * 32}.jpg", f"ffmon-{'1' * 32}.jpg"
    _write(directory / old, age=HOUR + 60)
    _write(directory / f"{old}.part", age=HOUR + 60)
    _write(directory / young, age=HOUR - 60)
    _write(directory / "ffmon-mine.jpg", age=2 * HOUR)
    _write(directory / "portrait.jpg", age=2 * HOUR)
    (directory / f"ffmon-{'2' * 32}.jpg").mkdir()

    await files.clean(placed, None, within=10)

    assert _names(directory) == {
        young,
        "ffmon-mine.jpg",
        "portrait.jpg",
        f"ffmon-{'2' * 32}.jpg",
    }


async def test_the_sweep_is_bounded(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    for number in range(REMOVED + 10):
        _write(directory / f"ffmon-{number:032x}.jpg", age=2 * HOUR)

    await files.clean(placed, None, within=20)
    assert len(_names(directory)) == 10

    again = await files.place([b"image"], within=10)
    await files.clean(again, None, within=20)
    assert _names(directory) == set()


async def test_names_that_are_no_text_do_not_stop_the_cleaning(
    files: SftpFiles, placed: Placed, directory: Path
) -> None:
    odd = os.fsdecode(b"\xff.png")
    _write(directory / odd)

    await files.clean(placed, None, within=10)

    assert _names(directory) == {odd}


async def test_a_host_that_is_gone_is_named(
    files: SftpFiles, placed: Placed, host: SshHost
) -> None:
    await host.close()

    with pytest.raises(CannotTouch, match="cannot clean up"):
        await files.clean(placed, None, within=10)
