"""Host keys of a real sshd: known, unknown, changed, revoked."""

import base64
import hmac
from pathlib import Path

import pytest

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.known_hosts import fingerprint
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.hosts.conftest import Connect
from tests.hosts.sshd import Sshd, make_key, sshd

KINDS = ("ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519")


def _blob(public: str) -> bytes:
    return base64.b64decode(public.split()[1])


async def _refusal(host: SshHost) -> str:
    with pytest.raises(CannotReach) as caught:
        await host.run("true", within=10)
    assert caught.value.reason == "host_key"
    assert host.state == "down"
    return str(caught.value)


async def test_an_unknown_host_key_is_refused_with_its_fingerprint(
    server: Sshd, host: SshHost
) -> None:
    server.know()

    text = await _refusal(host)

    shown = fingerprint(_blob(server.host_key))
    known_hosts = server.settings.known_hosts_file
    assert text == (
        f"cannot trust host 'gpu1' (127.0.0.1:{server.port}): its ED25519 "
        f"key {shown} is not in {known_hosts}; compare it with the "
        "one on the machine itself and record it with "
        f"`ssh-keyscan -p {server.port} 127.0.0.1 >> {known_hosts}`"
    )


async def test_without_a_known_hosts_file_no_host_is_trusted(
    server: Sshd, host: SshHost
) -> None:
    server.settings.known_hosts_file.unlink()

    assert "is not in" in await _refusal(host)


async def test_a_known_hosts_file_that_cannot_be_read_is_named(
    server: Sshd, host: SshHost
) -> None:
    server.settings.known_hosts_file.unlink()
    server.settings.known_hosts_file.mkdir()

    text = await _refusal(host)

    assert f"cannot read {server.settings.known_hosts_file}" in text


async def test_an_enormous_known_hosts_file_is_not_read(
    server: Sshd, host: SshHost
) -> None:
    server.know("#" * (1 << 20))

    assert "is longer than 1048576 bytes" in await _refusal(host)


async def test_a_changed_host_key_is_refused_with_both_fingerprints(
    server: Sshd, host: SshHost, tmp_path: Path
) -> None:
    old = make_key(tmp_path / "old")
    server.know(f"[127.0.0.1]:{server.port} {old}")

    text = await _refusal(host)

    assert "ED25519 host key CHANGED" in text
    assert f"shows {fingerprint(_blob(server.host_key))}" in text
    assert f"has {fingerprint(_blob(old))}" in text


async def test_a_host_key_recorded_later_is_accepted_without_a_restart(
    server: Sshd, host: SshHost, clock: FakeClock
) -> None:
    line = server.settings.known_hosts_file.read_text()
    server.know()
    await _refusal(host)

    server.know(line)
    clock.pass_time(60)

    assert (await host.run("echo ok", within=10)).stdout == b"ok\n"


async def test_a_revoked_host_key_is_refused_although_it_is_known(
    server: Sshd, host: SshHost
) -> None:
    name = f"[127.0.0.1]:{server.port}"
    server.know(f"{name} {server.host_key}", f"@revoked * {server.host_key}")

    assert "is revoked" in await _refusal(host)


async def test_the_key_of_another_port_is_not_the_hosts_key(
    server: Sshd, host: SshHost
) -> None:
    server.know(f"127.0.0.1 {server.host_key}")

    assert "is not in" in await _refusal(host)


async def test_a_hashed_known_hosts_line_is_understood(
    server: Sshd, host: SshHost
) -> None:
    salt = bytes(range(20))
    name = f"[127.0.0.1]:{server.port}".encode()
    digest = base64.b64encode(hmac.digest(salt, name, "sha1")).decode()
    hashed = f"|1|{base64.b64encode(salt).decode()}|{digest}"
    server.know(f"{hashed} {server.host_key}")

    assert (await host.run("true", within=10)).code == 0


@pytest.mark.parametrize("known", KINDS)
async def test_a_host_with_several_keys_shows_the_one_that_we_know(
    tmp_path: Path, connect: Connect, known: str
) -> None:
    keys = {kind: make_key(tmp_path / kind, kind) for kind in KINDS}
    lines = (f"HostKey {tmp_path}/{kind}" for kind in keys)
    with sshd(tmp_path / "sshd", *lines) as server:
        server.know(f"[127.0.0.1]:{server.port} {keys[known]}")
        host = connect(server.settings)

        assert (await host.run("true", within=10)).code == 0


async def test_a_key_of_a_new_type_names_the_one_that_we_know(
    server: Sshd, host: SshHost, tmp_path: Path
) -> None:
    old = make_key(tmp_path / "rsa", "ssh-rsa")
    server.know(f"[127.0.0.1]:{server.port} {old}")

    text = await _refusal(host)

    assert f"(which has RSA {fingerprint(_blob(old))})" in text
    assert "CHANGED" not in text
