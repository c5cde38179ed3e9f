"""Package managers at work, by what they hold and by name."""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.packages import (
    LOCK_PATHS,
    LockFile,
    is_on_device,
    lock_holders,
    packages_at_work,
)
from monitor.gate.processes import process_names
from tests.gate.fake_host import FakeHost

LOCK = "var/lib/dpkg/lock-frontend"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    host = FakeHost(tmp_path, monkeypatch)
    host.write("proc/locks", "")
    return host


def runs(host: FakeHost, pid: int, name: str, **more: object) -> None:
    host.process(pid, name=name, **more)  # type: ignore[arg-type]
    host.write(f"proc/{pid}/comm", f"{name}\n")


def lock_of(
    path: Path,
    pid: int,
    *,
    waits: bool = False,
    device: str = "",
    inode: int = 0,
) -> str:
    """Return a line as /proc/locks has it."""
    found = path.stat()
    major, minor = os.major(found.st_dev), os.minor(found.st_dev)
    arrow = "-> " if waits else ""
    return (
        f"1: {arrow}POSIX  ADVISORY  WRITE {pid} "
        f"{device or f'{major:02x}:{minor:02x}'}:{inode or found.st_ino} "
        "0 EOF\n"
    )


def at_work() -> tuple[list[tuple[object, object]] | None, list[str]]:
    gaps = Gaps("machine")
    found = packages_at_work(process_names(), gaps)
    told = [(one["pid"], one["name"]) for one in found or []]
    return None if found is None else told, [g["what"] for g in gaps.entries]


def test_where_nothing_is_installed_nobody_is_at_work(host: FakeHost) -> None:
    runs(host, 40, "python")
    host.write(LOCK, "")

    assert at_work() == ([], [])


def test_what_waits_for_a_shutdown_and_holds_nothing_is_nobody(
    host: FakeHost,
) -> None:
    runs(host, 40, "unattended-upgr")
    other = host.write("run/unattended-upgrades.lock", "")
    host.write(LOCK, "")
    host.write("proc/locks", lock_of(other, 40))

    assert at_work() == ([], [])


@pytest.mark.parametrize("path", LOCK_PATHS)
def test_who_holds_a_lock_is_at_work_whatever_its_name(
    host: FakeHost, path: str
) -> None:
    runs(host, 40, "unattended-upgr")
    file = host.write(path, "")
    host.write("proc/locks", "nonsense\n" + lock_of(file, 40))

    assert at_work() == ([(40, "unattended-upgr")], [])


@pytest.mark.parametrize(
    "more", [{"waits": True}, {"inode": 1}, {"device": "ff:ff"}]
)
def test_who_waits_or_locks_another_file_is_not(
    host: FakeHost, more: dict[str, object]
) -> None:
    file = host.write(LOCK, "")
    host.write("proc/locks", lock_of(file, 40, **more))  # type: ignore[arg-type]

    assert at_work() == ([], [])


def test_a_lock_whose_owner_is_not_told_is_named_by_its_file(
    host: FakeHost,
) -> None:
    file = host.write(LOCK, "")
    host.write("proc/locks", lock_of(file, -1))

    assert at_work() == ([(None, f"who holds /{LOCK}")], [])


@pytest.mark.parametrize(
    ("path", "device", "is_it"),
    [
        (LOCK, (0, 33), True),
        (LOCK, (8, 33), False),
        ("run/dnf/rpmtransaction.lock", (0, 33), False),
    ],
)
def test_a_made_up_device_may_have_two_numbers(
    path: str, device: tuple[int, int], *, is_it: bool
) -> None:
    file = LockFile(path, 0, 44, 7)

    assert is_on_device(file, *device) is is_it


@pytest.mark.parametrize(
    "name",
    [
        "dpkg",
        "apt-get",
        "rpm",
        "dnf",
        "dnf5",
        "yum",
        "zypper",
        "Zypp-main",
        "pacman",
        "dkms",
        "dracut",
        "fwupdtool",
        "nvidia-installe",
        "update-initramf",
        "mkinitramfs",
        "mkinitcpio",
    ],
)
def test_a_program_that_installs_is_at_work(host: FakeHost, name: str) -> None:
    runs(host, 40, name, state="D", uid=0)

    assert at_work() == ([(40, name)], [])


@pytest.mark.parametrize("more", [{"state": "Z"}, {"contained": True}])
def test_one_that_ended_or_works_in_a_container_is_not(
    host: FakeHost, more: dict[str, object]
) -> None:
    runs(host, 40, "apt-get", **{"uid": 0, **more})

    assert at_work() == ([], [])


def test_what_anybody_else_asks_of_it_is_no_work(host: FakeHost) -> None:
    runs(host, 40, "rpm", uid=1000)

    assert at_work() == ([], [])


def test_who_locks_only_to_read_is_not_at_work(host: FakeHost) -> None:
    file = host.write("var/lib/rpm/.rpm.lock", "")
    held = lock_of(file, 40).replace("WRITE", "READ ")
    host.write("proc/locks", held)

    assert at_work() == ([], [])


def test_one_that_ends_while_it_is_read_is_not(host: FakeHost) -> None:
    host.write("proc/40/comm", "apt-get\n")

    assert at_work() == ([], [])


def test_pacmans_lock_is_told_once(host: FakeHost) -> None:
    host.write("var/lib/pacman/db.lck", "")
    alone, _ = at_work()
    runs(host, 40, "pacman", uid=0)

    both, _ = at_work()

    assert alone == [(None, "pacman, whose db.lck is there")]
    assert both == [(40, "pacman")]


def test_many_are_told_in_part(host: FakeHost) -> None:
    for pid in range(40, 105):
        runs(host, pid, "rpm", uid=0)

    found, _ = at_work()

    assert len(found or []) == 64


@pytest.mark.parametrize("gone", ["proc/locks", "proc/1/stat"])
def test_what_cannot_be_seen_is_not_known(host: FakeHost, gone: str) -> None:
    path = host.folder / gone
    path.unlink()
    if gone != "proc/locks":
        path.parent.rename(host.folder / "away")

    assert at_work() == (None, ["packages"])


def test_a_lock_file_that_is_hidden_is_not_known(host: FakeHost) -> None:
    loop = host.folder / LOCK
    loop.parent.mkdir(parents=True)
    loop.symlink_to(loop.name)

    assert at_work() == (None, ["packages"])


@given(text=st.text(alphabet="0123456789: ->POSIXabcdf\n", max_size=80))
def test_any_list_of_locks_is_read(text: str) -> None:
    found = lock_holders(text, [LockFile("x", 8, 1, 7)], {})

    assert all(pid >= 0 for pid, _ in found)


def test_the_kernel_tells_of_a_lock_as_we_read_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_text("")
    found = file.stat()
    device = os.major(found.st_dev), os.minor(found.st_dev)
    ours = LockFile("lock", *device, found.st_ino)

    with file.open("r+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        locks = Path("/proc/locks").read_text()

    holders = dict(lock_holders(locks, [ours], {}))
    assert holders == {os.getpid(): "who holds /lock"}
