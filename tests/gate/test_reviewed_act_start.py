"""A bare process starts again as nobody but its own user."""

import os
from pathlib import Path

import pytest

from monitor.gate.act_start import (
    Former,
    former_of,
    owner_of_folder,
    start_program,
)
from monitor.gate.protocol import Refused
from tests.gate.act_machine import US, Machine, machine
from tests.gate.fake_host import FakeHost

__all__ = ["machine"]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def status(uids: str, gids: str) -> str:
    return f"Uid:\t{uids}\nGid:\t{gids}\nGroups:\t44 46\n"


def test_it_starts_as_the_user_and_groups_that_it_ran_as(
    host: FakeHost,
) -> None:
    host.write("proc/42/status", status("1000 1000 1000 1000", "7 7 7 7"))

    former = former_of(42, 1000, "/x")

    assert (former.uid, former.gid, former.groups) == (1000, 7, (44, 46))


@pytest.mark.parametrize(
    ("uids", "gids"),
    [
        ("0 0 0 0", "0 0 0 0"),  # its pid is another user's by now
        ("1000 1001 1001 1001", "7 7 7 7"),
        ("1001 1000 1000 1000", "7 7 7 7"),
        ("1000 1000 1000 1000", "7 42 42 42"),  # a setgid program of shadow
        ("1000 1000 1000 1000", "7 7 42 7"),
        ("1000", "7"),
    ],
)
def test_rights_that_a_process_borrowed_are_given_to_nobody(
    uids: str, gids: str, host: FakeHost
) -> None:
    host.write("proc/42/status", status(uids, gids))

    with pytest.raises(Refused) as caught:
        former_of(42, 1000, "/x")

    assert caught.value.reason == "unsupported"


def test_a_folder_that_became_anothers_meanwhile_starts_nothing(
    machine: Machine,
) -> None:
    machine.starts()
    former = Former(US + 1, 7, (), str(machine.folder), owns=True)

    flaw = start_program("/usr/libexec/start", former)

    assert "belongs to user" in flaw
    assert machine.done() == []


def test_a_folder_that_is_gone_starts_nothing(machine: Machine) -> None:
    machine.starts()
    former = Former(US, os.getegid(), (), f"{machine.folder}/none")

    flaw = start_program("/usr/libexec/start", former)

    assert "cannot be started" in flaw
    assert machine.done() == []


def test_a_folder_that_anybody_may_write_to_starts_nothing(
    host: FakeHost, tmp_path: Path
) -> None:
    host.write("etc/passwd", f"ff:x:{US}:7::/h:/x\n")
    tmp_path.chmod(0o777)

    with pytest.raises(Refused, match="anybody may write"):
        owner_of_folder(str(tmp_path))
