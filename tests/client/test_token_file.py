"""The token file: one line, and not for everybody."""

from pathlib import Path

import pytest

from monitor.client import read_token
from monitor.domain.errors import ConfigurationError


def written(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_bytes(data)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_token_is_read_without_its_line_end(
    tmp_path: Path, mode: int
) -> None:
    assert read_token(written(tmp_path, b"s3cret\n", mode)) == "s3cret"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"two words", b"a\nb", b"\xff\xfe", b"x" * 5000, b"a\0b"],
)
def test_what_is_no_token_is_refused_without_showing_it(
    tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_token(written(tmp_path, data))

    assert str(refused.value).startswith("cannot use the token file ")
    assert "openssl rand" in str(refused.value)
    assert "two words" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o644, 0o604])
def test_a_token_that_everybody_can_read_is_refused(
    tmp_path: Path, mode: int
) -> None:
    file = written(tmp_path, b"s3cret", mode)

    with pytest.raises(ConfigurationError, match=f"chmod 600 {file}"):
        read_token(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        read_token(tmp_path / "token")


def test_a_directory_is_no_token_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a directory"):
        read_token(tmp_path)
