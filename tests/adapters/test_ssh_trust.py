"""What to do about a host key that is not the known one."""

import base64
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from monitor.adapters.ssh.known_hosts import known_for, parse
from monitor.adapters.ssh.settings import SshSettings
from monitor.adapters.ssh.trust import Trust
from monitor.domain.errors import CannotReach

KIND = "ssh-ed25519"
SHARED = "[gpu1.example]:2222"


def blob(seed: int) -> bytes:
    kind = KIND.encode()
    return (
        len(kind).to_bytes(4, "big")
        + kind
        + (32).to_bytes(4, "big")
        + bytes([seed]) * 32
    )


def line(name: str, seed: int) -> str:
    return f"{name} {KIND} {base64.b64encode(blob(seed)).decode()}\n"


def settings(file: Path, port: int) -> SshSettings:
    return SshSettings(
        address="gpu1.example",
        port=port,
        user="ffmon",
        key_file=Path("observe"),
        known_hosts_file=file,
    )


def refusal(hop: SshSettings) -> str:
    with pytest.raises(CannotReach) as caught:
        Trust("host 'gpu1'", hop).check(KIND, blob(2))
    return str(caught.value)


@pytest.mark.parametrize(
    ("port", "name"), [(22, "gpu1.example"), (2222, SHARED)]
)
@pytest.mark.parametrize("folder", ["ssh", "my ssh"])
def test_a_changed_key_is_removed_before_the_new_one_is_recorded(
    tmp_path: Path, port: int, name: str, folder: str
) -> None:
    """Whoever only adds the new one keeps believing the old one too."""
    file = tmp_path / folder / "known_hosts"
    file.parent.mkdir()
    file.write_text(line(name, 1) + line("other.example", 3))
    text = refusal(settings(file, port))

    remove, record = re.findall(r"`([^`]*)`", text)
    subprocess.run(  # noqa: S603 - the advice, as a person follows it
        shlex.split(remove), check=True, capture_output=True
    )

    left = parse(file.read_text())
    assert record.startswith(f"ssh-keyscan -p {port} gpu1.example >> ")
    assert shlex.split(record)[-1] == str(file)
    assert known_for(left, "gpu1.example", port) == ()
    assert len(left) == 1


def test_an_unknown_key_has_nothing_to_remove(tmp_path: Path) -> None:
    text = refusal(settings(tmp_path / "known_hosts", 22))

    assert "ssh-keygen -R" not in text
    assert "record it with `ssh-keyscan -p 22 gpu1.example >> " in text
