"""Tokens come from files, and a file may be anything."""

from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.daemon.tokens import read_tokens
from monitor.domain.errors import ConfigurationError
from monitor.web.auth import digest_of


def settings(path: Path) -> Settings:
    token = {"name": "p", "token_file": str(path), "scopes": ["metrics"]}
    return Settings.model_validate(
        {
            "access": {"tokens": [token]},
            "targets": [{"name": "a", "url": "http://127.0.0.1:9"}],
        }
    )


def test_a_token_is_kept_as_its_digest_without_the_line_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"s3cret\r\n")

    (token,) = read_tokens(settings(path))

    assert token.digest == digest_of(b"s3cret")
    assert token.scopes == {"metrics"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xc2\xa0\n", b"\x1c", b"two words", b"\xff\xfe", b"\xe4"],
)
def test_a_token_nobody_can_send_is_refused_by_name(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="cannot use the token of p"):
        read_tokens(settings(path))


def test_a_token_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone: No such file"):
        read_tokens(settings(tmp_path / "gone"))
