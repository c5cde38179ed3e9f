"""Tokens come from files, and a file may be anything."""

from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.daemon.tokens import read_tokens
from monitor.domain.errors import ConfigurationError
from monitor.web.auth import digest_of


def settings(*paths: Path) -> Settings:
    tokens = [
        {
            "name": f"p{number}",
            "person": "ann",
            "token_file": str(path),
            "scopes": ["metrics"],
        }
        for number, path in enumerate(paths)
    ]
    return Settings.model_validate(
        {
            "access": {"tokens": tokens},
            "targets": [{"name": "a", "url": "http://127.0.0.1:9"}],
        }
    )


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_token_is_kept_as_its_digest_without_the_line_end(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "token", b"s3cret\r\n")

    (token,) = read_tokens(settings(path))

    assert token.digest == digest_of(b"s3cret")
    assert token.scopes == {"metrics"}
    assert token.who == "ann"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xc2\xa0\n",
        b"\x1c",
        b"two words",
        b"\xff\xfe",
        b"\xe4",
        b"x" * 5000,
    ],
)
def test_a_token_nobody_can_send_is_refused_by_name(
    tmp_path: Path, content: bytes
) -> None:
    path = written(tmp_path / "token", content)

    with pytest.raises(ConfigurationError, match="cannot use the token of p0"):
        read_tokens(settings(path))


def test_a_token_that_everybody_can_read_is_refused_by_its_file(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "token", b"s3cret")
    path.chmod(0o644)

    with pytest.raises(ConfigurationError, match=r"token: it can be read by"):
        read_tokens(settings(path))


def test_two_tokens_with_one_secret_are_refused_by_their_names(
    tmp_path: Path,
) -> None:
    first = written(tmp_path / "one", b"s3cret\n")
    second = written(tmp_path / "two", b"s3cret")

    with pytest.raises(ConfigurationError, match="p0 and p1 apart"):
        read_tokens(settings(first, second))


def test_every_token_file_that_cannot_be_used_is_named(
    tmp_path: Path,
) -> None:
    empty = written(tmp_path / "empty", b"")

    with pytest.raises(ConfigurationError) as raised:
        read_tokens(settings(tmp_path / "gone", empty))

    first, second = str(raised.value).splitlines()
    assert "gone: No such file" in first
    assert "cannot use the token of p1" in second
