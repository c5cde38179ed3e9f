"""Recording a host key in a known_hosts file, on purpose and once."""

from pathlib import Path

import asyncssh
import pytest

from monitor.adapters.ssh.host_keys import HostKey
from monitor.adapters.ssh.known_hosts import known_for, parse
from monitor.adapters.ssh.record_key import (
    NotRecorded,
    Recorded,
    line,
    record,
)
from monitor.adapters.ssh.settings import SshSettings


def a_key(kind: str = "ssh-ed25519") -> HostKey:
    key = asyncssh.generate_private_key(kind)
    return HostKey(kind=kind, blob=key.public_data)


def settings(file: Path, port: int = 22) -> SshSettings:
    return SshSettings(
        address="GPU1.example",
        port=port,
        user="ffmon",
        key_file=file.with_name("key"),
        known_hosts_file=file,
    )


def test_a_new_key_is_known_afterwards(tmp_path: Path) -> None:
    file, key = tmp_path / "known_hosts", a_key()

    done = record(key, settings(file), "gpu1")

    [known] = known_for(parse(file.read_text()), "gpu1.example", 22)
    assert done is Recorded.NEW
    assert known.blob == key.blob
    assert file.stat().st_mode & 0o777 & ~0o644 == 0


def test_another_port_is_named_in_the_line(tmp_path: Path) -> None:
    file, key = tmp_path / "known_hosts", a_key()

    record(key, settings(file, 2222), "gpu1")

    assert file.read_text().startswith("[gpu1.example]:2222 ssh-ed25519 ")


def test_nothing_else_in_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    before = "# ours\nother.example ssh-ed25519 AAAA\nno newline here"
    file.write_text(before)
    file.chmod(0o600)
    key = a_key()

    record(key, settings(file), "gpu1")

    added = line(key, settings(file))
    assert file.read_text() == f"{before}\n{added}\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_known_is_not_written_twice(tmp_path: Path) -> None:
    file, key = tmp_path / "known_hosts", a_key()
    record(key, settings(file), "gpu1")
    before = file.read_text()

    done = record(key, settings(file), "gpu1")

    assert done is Recorded.KNOWN
    assert file.read_text() == before


def test_a_second_key_of_one_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    record(a_key(), settings(file, 2222), "gpu1")
    before = file.read_text()

    with pytest.raises(NotRecorded, match="ssh-keygen -R") as caught:
        record(a_key(), settings(file, 2222), "gpu1")

    assert "'[gpu1.example]:2222'" in str(caught.value)
    assert file.read_text() == before


def test_a_key_of_another_kind_is_recorded_beside(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    record(a_key(), settings(file), "gpu1")

    record(a_key("ecdsa-sha2-nistp256"), settings(file), "gpu1")

    assert len(known_for(parse(file.read_text()), "gpu1.example", 22)) == 2


def test_a_revoked_key_stays_out(tmp_path: Path) -> None:
    file, key = tmp_path / "known_hosts", a_key()
    file.write_text(f"@revoked {line(key, settings(file))}\n")
    before = file.read_text()

    with pytest.raises(NotRecorded, match="revoked"):
        record(key, settings(file), "gpu1")

    assert file.read_text() == before


def test_a_file_that_cannot_be_written_is_named_with_the_line(
    tmp_path: Path,
) -> None:
    file, key = tmp_path / "missing" / "known_hosts", a_key()

    with pytest.raises(NotRecorded, match="cannot write") as caught:
        record(key, settings(file), "gpu1")

    assert line(key, settings(file)) in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.mkdir()

    with pytest.raises(NotRecorded, match="cannot read"):
        record(a_key(), settings(file), "gpu1")
