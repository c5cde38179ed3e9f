"""What `run` would refuse is found without watching anything."""

import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
)

from monitor.config import Settings, load
from monitor.daemon.rehearsal import rehearse
from monitor.domain.errors import ConfigurationError

HOSTS = """
hosts:
  - name: gpu1
    ssh:
      address: 192.0.2.1
      key_file: observe
      act_key_file: act
      reboot_key_file: reboot
      jump: {address: 192.0.2.2, key_file: bastion}
targets:
  - {name: studio, url: "http://192.0.2.1:9002", host: gpu1}
"""
NAMES = ("observe", "act", "reboot", "bastion")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*NAMES, "token"):
        file = tmp_path / name
        file.touch(0o600)
        file.write_bytes(a_key())
    (tmp_path / "known_hosts").touch(0o644)
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch(0o600)
    return tmp_path


def a_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        pem.Encoding.PEM, pem.PrivateFormat.OpenSSH, pem.NoEncryption()
    )


def settings(folder: Path, text: str) -> Settings:
    file = folder / "facefusion-monitor.yml"
    file.write_text(text)
    return load(file, {}, folder)


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        rehearse(settings(folder, text))
    return str(caught.value).splitlines()


def test_what_can_be_used_passes(folder: Path) -> None:
    rehearse(settings(folder, HOSTS))


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_is_none_is_named_with_its_file(
    folder: Path, name: str
) -> None:
    (folder / name).write_text("garbage")

    (line,) = refused(folder, HOSTS)

    assert line.startswith("cannot log in to ")
    assert "'gpu1'" in line
    assert f"the key file {folder / name} is no private key" in line


def test_a_key_that_hosts_share_is_told_once(folder: Path) -> None:
    (folder / "observe").write_text("garbage")
    hosts = "".join(
        f"  - {{name: gpu{n}, ssh: {{address: gpu{n}, key_file: observe}}}}\n"
        for n in range(3)
    )

    lines = refused(
        folder,
        f"hosts:\n{hosts}targets: [{{name: a, url: 'http://192.0.2.1'}}]",
    )

    assert len(lines) == 1


def test_every_flaw_is_a_line(folder: Path) -> None:
    (folder / "observe").write_text("garbage")
    server = "server: {tls: {cert_file: cert.pem, key_file: key.pem}}\n"
    access = (
        "access:\n  tokens: [{name: x, token_file: token, scopes: [read]}]\n"
    )

    lines = refused(folder, server + access + HOSTS)

    starts = ("cannot serve TLS", "cannot use the token", "cannot log in to")
    assert [
        line.startswith(start)
        for line, start in zip(lines, starts, strict=True)
    ] == [True] * 3


def test_an_image_that_is_none_is_found(folder: Path) -> None:
    (folder / "face.jpg").write_text("garbage")
    canaries = (
        "    canary_files: {via: url}\n"
        "    canaries:\n"
        "      - {operation: age, target_age: 45, input: face.jpg}\n"
    )
    target = "targets:\n  - name: a\n    url: http://192.0.2.1\n"

    (line,) = refused(folder, target + canaries)

    assert str(folder / "face.jpg") in line


def test_many_servers_are_rehearsed_fast(folder: Path) -> None:
    """Three hundred and their machines took 0.3 s; 10 s is too long."""
    one = "ssh: {address: 192.0.2.1, key_file: observe}"
    hosts = "".join(f"  - {{name: h{n}, {one}}}\n" for n in range(300))
    targets = "".join(
        f"  - {{name: t{n}, url: 'http://192.0.2.1:{n + 1}', host: h{n}}}\n"
        for n in range(300)
    )
    many = settings(folder, f"hosts:\n{hosts}targets:\n{targets}")
    began = time.perf_counter()

    rehearse(many)

    assert time.perf_counter() - began < 10
