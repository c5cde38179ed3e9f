"""The host keys that a real sshd shows, believed by nobody yet."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.host_keys import shown_keys
from monitor.domain.errors import CannotReach
from tests.hosts.sshd import Sshd, make_key, sshd

BOUND = 10.0


def test_the_key_of_an_unknown_machine_is_shown(server: Sshd) -> None:
    server.know()

    [key] = shown_keys("gpu1", server.settings, BOUND)

    kind, blob = server.host_key.split()[:2]
    assert key.kind == kind
    assert key.fingerprint.startswith("SHA256:")
    assert blob


def test_every_kind_of_key_is_shown(tmp_path: Path) -> None:
    kinds = ("ssh-rsa", "ecdsa-sha2-nistp256")
    for kind in kinds:
        make_key(tmp_path / kind, kind)
    lines = [f"HostKey {tmp_path / kind}" for kind in kinds]

    with sshd(tmp_path / "sshd", *lines) as server:
        shown = [k.kind for k in shown_keys("gpu1", server.settings, BOUND)]

    assert sorted(shown) == sorted([*kinds, "ssh-ed25519"])


def test_a_jump_host_must_be_trusted_already(
    server: Sshd, tmp_path: Path
) -> None:
    with sshd(tmp_path / "jump") as jump:
        jump.know()

        with pytest.raises(CannotReach, match="jump host") as caught:
            list(shown_keys("gpu1", server.through(jump), BOUND))

    assert caught.value.reason == "host_key"


def test_the_key_behind_a_jump_host_is_shown(
    server: Sshd, tmp_path: Path
) -> None:
    with sshd(tmp_path / "jump") as jump:
        server.know()

        [key] = shown_keys("gpu1", server.through(jump), BOUND)

    assert key.kind == "ssh-ed25519"


def test_a_port_without_sshd_is_an_error(server: Sshd) -> None:
    nowhere = replace(server.settings, port=1)

    with pytest.raises(CannotReach, match="refused"):
        list(shown_keys("gpu1", nowhere, BOUND))


def test_a_frozen_sshd_is_waited_for_with_an_end(server: Sshd) -> None:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(CannotReach):
            list(shown_keys("gpu1", server.settings, 0.5))
    finally:
        os.kill(server.pid, signal.SIGCONT)
