"""How a host is reached, and over which machine."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.sections.ssh import Jump, Ssh


def _ssh(folder: Path, jump: str) -> Ssh:
    (folder / "a.yml").write_text(
        "hosts:\n"
        "  - name: gpu1\n"
        "    ssh:\n"
        "      address: 192.168.1.10\n"
        "      user: watcher\n"
        "      key_file: secrets/observe\n"
        f"      jump: {jump}\n"
        "targets: [{name: a, url: 'http://a', host: gpu1}]\n"
    )
    return load(Path("a.yml"), {}, folder).hosts[0].ssh


def _jump(folder: Path, jump: str) -> Jump:
    found = _ssh(folder, jump).jump
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "user", "address", "port"),
    [
        ("bastion", "watcher", "bastion", 22),
        ("ann@bastion", "ann", "bastion", 22),
        ("bastion:2222", "watcher", "bastion", 2222),
        ("'ann@[2001:db8::1]:2222'", "ann", "2001:db8::1", 2222),
        ("'[2001:db8::1]'", "watcher", "2001:db8::1", 22),
        ("'2001:db8::1'", "watcher", "2001:db8::1", 22),
        ("{address: bastion, port: 2022}", "watcher", "bastion", 2022),
        ("{address: bastion, user: ann}", "ann", "bastion", 22),
        ("{address: bastion, user: }", "watcher", "bastion", 22),
    ],
)
def test_a_jump_is_written_as_ssh_does_or_as_a_mapping(
    folder: Path, text: str, user: str, address: str, port: int
) -> None:
    jump = _jump(folder, text)

    assert (jump.user, jump.address, jump.port) == (user, address, port)


def test_a_jump_takes_key_and_known_hosts_from_the_host(folder: Path) -> None:
    ssh = _ssh(folder, "bastion")

    assert ssh.jump
    assert ssh.jump.key_file == ssh.key_file == folder / "secrets/observe"
    assert ssh.jump.known_hosts_file == folder / "known_hosts"


def test_a_jump_may_have_its_own(folder: Path) -> None:
    jump = _jump(
        folder,
        "{address: b, key_file: secrets/act, known_hosts_file: cert.pem}",
    )

    assert jump.key_file == folder / "secrets/act"
    assert jump.known_hosts_file == folder / "cert.pem"


def test_no_jump_is_needed(folder: Path) -> None:
    assert _ssh(folder, "null").jump is None
