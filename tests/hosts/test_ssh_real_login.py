"""Logging in to a real sshd with the one key that is configured."""

from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, make_key, sshd

SESAME = "open-sesame"


async def _refusal(host: SshHost) -> str:
    with pytest.raises(CannotReach) as caught:
        await host.run("true", within=10)
    assert caught.value.reason == "auth"
    return str(caught.value)


def _with_key(server: Sshd, key_file: Path) -> SshSettings:
    return replace(server.settings, key_file=key_file)


async def test_a_key_that_is_not_authorized_is_refused_by_name(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    make_key(wrong)

    text = await _refusal(connect(_with_key(server, wrong)))

    assert text.startswith("cannot log in to host 'gpu1' (127.0.0.1:")
    assert f"the key {wrong} is not accepted" in text
    assert "authorized_keys" in text


async def test_a_missing_key_file_is_named_before_anybody_is_asked(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    settings = _with_key(server, tmp_path / "none")

    text = await _refusal(connect(replace(settings, port=1)))

    assert f"the key file {tmp_path}/none does not exist" in text


async def test_a_directory_is_no_key(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    text = await _refusal(connect(_with_key(server, tmp_path)))

    assert "is no file" in text


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa"])
async def test_an_encrypted_key_is_named(
    server: Sshd, connect: Connect, tmp_path: Path, kind: str
) -> None:
    make_key(tmp_path / "locked", kind, SESAME)

    text = await _refusal(connect(_with_key(server, tmp_path / "locked")))

    assert "is encrypted with a passphrase" in text
    assert SESAME not in text


async def test_an_encrypted_key_of_the_old_format_is_named(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    key = asyncssh.generate_private_key("ssh-rsa")
    locked = tmp_path / "locked"
    key.write_private_key(locked, "pkcs1-pem", SESAME)

    text = await _refusal(connect(_with_key(server, locked)))

    assert "is encrypted with a passphrase" in text


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", bytes(range(256)), b"-----BEGIN OPENSSH PRIVATE KEY"],
)
async def test_a_malformed_key_is_named(
    server: Sshd, connect: Connect, tmp_path: Path, content: bytes
) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(content)

    text = await _refusal(connect(_with_key(server, broken)))

    assert f"the key file {broken} is no private key" in text


async def test_a_key_of_an_unusual_kind_is_named(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    key = asyncssh.generate_private_key("ssh-ed448")
    key.write_private_key(tmp_path / "odd", "pkcs8-pem")

    text = await _refusal(connect(_with_key(server, tmp_path / "odd")))

    assert "is no private key that we can read" in text


async def test_a_certificate_beside_the_key_logs_in(
    tmp_path: Path, connect: Connect
) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    authority.write_public_key(tmp_path / "ca.pub")
    with sshd(
        tmp_path / "sshd", f"TrustedUserCAKeys {tmp_path}/ca.pub"
    ) as server:
        make_key(tmp_path / "key")
        public = asyncssh.read_public_key(tmp_path / "key.pub")
        names = [server.settings.user]
        certificate = authority.generate_user_certificate(
            public, "ffmon", principals=names
        )
        certificate.write_certificate(tmp_path / "key-cert.pub")
        host = connect(_with_key(server, tmp_path / "key"))

        assert (await host.run("true", within=10)).code == 0


async def test_an_enormous_key_file_is_not_read(
    server: Sshd, connect: Connect, tmp_path: Path
) -> None:
    huge = tmp_path / "huge"
    huge.write_bytes(bytes(100_000))

    text = await _refusal(connect(_with_key(server, huge)))

    assert "is longer than 65536 bytes" in text


@pytest.mark.parametrize(
    "kind", ["ssh-rsa", "ecdsa-sha2-nistp384", "ssh-ed25519"]
)
async def test_every_usual_kind_of_key_logs_in(
    server: Sshd, connect: Connect, tmp_path: Path, kind: str
) -> None:
    public = make_key(tmp_path / "key", kind)
    (server.directory / "authorized_keys").write_text(public)

    ran = await connect(_with_key(server, tmp_path / "key")).run(
        "echo ok", within=10
    )

    assert ran.stdout == b"ok\n"


async def test_a_user_who_is_not_there_cannot_log_in(
    server: Sshd, connect: Connect
) -> None:
    settings = replace(server.settings, user="no-such-user")

    text = await _refusal(connect(settings))

    assert "as 'no-such-user'" in text
