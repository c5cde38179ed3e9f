"""`host accept-key` records a host key that somebody read on the machine."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.adapters.ssh.known_hosts import fingerprint
from tests.cli.host_desk import Desk
from tests.hosts.sshd import Sshd, make_key, sshd

NOBODYS = "SHA256:" + "A" * 43


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path / "sshd", "AllowTcpForwarding yes") as running:
        running.know()
        yield running


@pytest.fixture
def desk(
    server: Sshd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(tmp_path, server.settings, capsys)


def _printed(public: str) -> str:
    """Return a key's fingerprint as `ssh-keygen -l` prints it."""
    return fingerprint(base64.b64decode(public.split()[1]))


def _recorded(server: Sshd) -> str:
    return (server.directory / "known_hosts").read_text()


def test_a_key_that_was_read_on_the_machine_lets_us_in(
    server: Sshd, desk: Desk
) -> None:
    before = desk.says("check")
    done = desk.says("accept-key", "--fingerprint", _printed(server.host_key))
    after = desk.says("check")

    assert "is not in" in before.err
    assert done.code == 0
    assert done.err == ""
    assert done.out == (
        f"ssh-ed25519 {_printed(server.host_key)} of 127.0.0.1:{server.port}"
        f" is recorded in {server.directory / 'known_hosts'}\n"
    )
    assert "gpu1 is observed" in after.out


def test_an_unknown_key_is_told_with_the_command_that_records_it(
    server: Sshd, desk: Desk
) -> None:
    said = desk.says("check")

    assert said.code == 1
    assert (
        "record it with `facefusion-monitor host accept-key gpu1"
        f" --fingerprint {_printed(server.host_key)}`"
    ) in said.err


def test_a_key_is_recorded_once(server: Sshd, desk: Desk) -> None:
    words = ("accept-key", "--fingerprint", _printed(server.host_key))

    desk.says(*words)
    before = _recorded(server)
    again = desk.says(*words)

    assert again.code == 0
    assert "is known already" in again.out
    assert _recorded(server) == before


def test_another_fingerprint_records_nothing_and_names_the_keys(
    server: Sshd, desk: Desk
) -> None:
    said = desk.says("accept-key", "--fingerprint", NOBODYS)

    assert said.code == 1
    assert said.err.startswith(f"cannot accept {NOBODYS} for 127.0.0.1:")
    assert f"ssh-ed25519 {_printed(server.host_key)}" in said.err
    assert _recorded(server) == ""


def test_another_key_of_a_kind_is_not_recorded_beside_the_first(
    server: Sshd, desk: Desk, tmp_path: Path
) -> None:
    old = make_key(tmp_path / "old")
    server.know(f"[127.0.0.1]:{server.port} {old}")
    before = _recorded(server)

    said = desk.says("accept-key", "--fingerprint", _printed(server.host_key))

    assert said.code == 1
    assert said.err.startswith("cannot record the key")
    assert _printed(old) in said.err
    assert "ssh-keygen -R" in said.err
    assert _recorded(server) == before


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_a_machine_may_have_keys_of_other_kinds(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = make_key(tmp_path / "key", kind)
    with sshd(tmp_path / "sshd", f"HostKey {tmp_path}/key") as server:
        server.know()
        desk = Desk(tmp_path, server.settings, capsys)

        done = desk.says("accept-key", "--fingerprint", _printed(public))
        after = desk.says("check")

    assert done.out.startswith(f"{kind} {_printed(public)} of")
    assert "gpu1 is observed" in after.out


def test_a_jump_hosts_key_is_recorded_when_asked_for(
    server: Sshd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sshd(tmp_path / "jump", "AllowTcpForwarding yes") as jump:
        jump.know()
        desk = Desk(tmp_path, server.through(jump), capsys)
        of_jump = ("--fingerprint", _printed(jump.host_key))
        of_host = ("--fingerprint", _printed(server.host_key))

        first = desk.says("accept-key", *of_host)
        second = desk.says("accept-key", "--jump", *of_jump)
        third = desk.says("accept-key", *of_host)
        after = desk.says("check")

    assert first.code == 1
    assert "host accept-key gpu1 --jump --fingerprint" in first.err
    assert f"of 127.0.0.1:{jump.port} is recorded" in second.out
    assert f"of 127.0.0.1:{server.port} is recorded" in third.out
    assert "gpu1 is observed" in after.out


def test_a_host_without_a_jump_host_has_no_key_of_one(desk: Desk) -> None:
    said = desk.says("accept-key", "--jump", "--fingerprint", NOBODYS)

    assert said.code == 64
    assert said.err.startswith("cannot accept a key of the jump host of gpu1")


@pytest.mark.parametrize(
    "given",
    ["", "MD5:00:11", "SHA256:short", f"{NOBODYS}A", f"{NOBODYS}\x1b[2J"],
)
def test_what_is_no_fingerprint_is_bad_usage(desk: Desk, given: str) -> None:
    said = desk.says("accept-key", "--fingerprint", given)

    assert said.code == 64
    assert said.err.startswith("cannot")
    assert "ssh-keygen -lf prints" in said.err
    assert "\x1b" not in said.err


def test_a_fingerprint_is_needed(desk: Desk) -> None:
    said = desk.says("accept-key")

    assert said.code == 64
    assert "--fingerprint" in said.err


def test_a_host_that_nobody_configured_is_bad_usage(desk: Desk) -> None:
    said = desk.says("accept-key", "--fingerprint", NOBODYS, host="gpu2")

    assert said.code == 64
    assert said.err == "cannot find host 'gpu2'; configured: gpu1\n"


def test_a_machine_that_is_away_shows_no_key(desk: Desk) -> None:
    desk.ssh["port"] = 1

    said = desk.says("accept-key", "--fingerprint", NOBODYS)

    assert said.code == 1
    assert said.err.startswith("cannot")
    assert "127.0.0.1:1" in said.err


def test_without_the_file_its_making_is_advised(
    server: Sshd, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "known"
    desk.ssh["known_hosts_file"] = str(file)
    words = ("accept-key", "--fingerprint", _printed(server.host_key))

    before = desk.says(*words)
    file.touch()
    after = desk.says(*words)

    assert before.code == 78
    assert f"create it with touch {file};" in before.err
    assert after.code == 0
    assert server.host_key.split()[1] in file.read_text()


def test_a_file_that_cannot_be_written_is_named_with_the_line(
    server: Sshd, desk: Desk
) -> None:
    desk.ssh["known_hosts_file"] = "/proc/version"

    said = desk.says("accept-key", "--fingerprint", _printed(server.host_key))

    assert said.code == 1
    assert said.err.startswith("cannot write /proc/version")
    assert server.host_key.split()[1] in said.err
