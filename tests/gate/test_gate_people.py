"""Who is logged in on a machine, whoever tells it."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.people import people_here
from monitor.gate.utmp import logins_in
from tests.gate.conftest import Tree

NARROW, WIDE = 384, 400
ANN = {
    "user": "ann",
    "terminal": "pts/0",
    "since": 1000.0,
    "from": "10.0.0.5",
}
Told = list[dict[str, object]]


def login(  # noqa: PLR0913 - an entry is many figures, each with a default
    user: str = "ann",
    line: str = "pts/0",
    *,
    pid: int = 40,
    kind: int = 7,
    since: int = 1000,
    host: str = "10.0.0.5",
    size: int = NARROW,
) -> bytes:
    """Return an entry as login(1) and sshd write it."""
    head = struct.pack("=hxxi32s4s", kind, pid, line.encode(), b"ts/0")
    head += struct.pack("=32s256shh", user.encode(), host.encode(), 0, 0)
    times = "=iii" if size == NARROW else "=qqq"
    return (head + struct.pack(times, 0, since, 5)).ljust(size, b"\0")


def session(tree: Tree, name: str = "1", **fields: object) -> None:
    """Write a session as systemd-logind does."""
    told = {
        "UID": 4242,
        "USER": "ann",
        "STATE": "active",
        "REMOTE_HOST": "10.0.0.5",
        "TTY": "pts/0",
        "LEADER": 40,
        "CLASS": "user",
        "REALTIME": 1_000_000_000,
        **fields,
    }
    lines = "".join(f"{key}={value}\n" for key, value in told.items())
    head = "# This is private data. Do not parse.\n"
    tree.write(f"run/systemd/sessions/{name}", head + lines)


def seen() -> tuple[Told | None, list[dict[str, str]]]:
    gaps = Gaps("machine")
    return people_here(gaps), gaps.entries


def alive(tree: Tree, *pids: int) -> None:
    for pid in (1, *pids):
        tree.write(f"proc/{pid}/comm", "x\n")


def test_a_session_and_its_entry_in_utmp_are_one_person(tree: Tree) -> None:
    alive(tree, 40)
    session(tree)
    tree.write("run/utmp", login())

    assert seen() == ([ANN], [])


def test_a_session_takes_its_terminal_from_utmp(tree: Tree) -> None:
    alive(tree, 40)
    session(tree, TTY="", UID=os.geteuid())
    tree.write("run/utmp", login(host=""))

    assert seen() == ([ANN], [])


def test_one_person_on_two_terminals_is_told_twice_in_order(
    tree: Tree,
) -> None:
    session(tree, "c2", TTY="pts/1", LEADER=41)
    session(tree, "1")
    os.mkfifo(tree.folder / "run/systemd/sessions/1.ref")

    found, gaps = seen()

    assert [one["terminal"] for one in found or []] == ["pts/0", "pts/1"]
    assert gaps == []


@pytest.mark.parametrize("kind", ["user", "user-early", "user-light"])
def test_every_kind_of_person_counts(tree: Tree, kind: str) -> None:
    session(tree, CLASS=kind)

    assert seen() == ([ANN], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"CLASS": "manager"},
        {"CLASS": "greeter"},
        {"CLASS": "background"},
        {"CLASS": "userland"},
        {"CLASS": ""},
        {"STATE": "closing"},
    ],
)
def test_who_is_no_person_or_left_is_nobody(
    tree: Tree, fields: dict[str, str]
) -> None:
    session(tree, "1", **fields)

    assert seen() == ([], [])


def test_our_own_session_without_a_terminal_is_left_out(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    session(tree, TTY="")

    assert seen() == ([], [])


def test_roots_session_is_a_persons_where_only_our_rights_are_roots(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    session(tree, "c1", UID=0, USER="root", TTY="")
    session(tree, "c2", TTY="")
    tree.write("proc/self/loginuid", "4242\n")

    found, gaps = seen()

    assert [one["user"] for one in found or []] == ["root"]
    assert gaps == []


def test_our_own_user_on_a_terminal_is_a_person(tree: Tree) -> None:
    session(tree, UID=os.geteuid())

    assert seen() == ([ANN], [])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("proc/self/loginuid", "4242\n"),
        ("proc/self/cgroup", "0::/user.slice/session-1.scope\n"),
    ],
)
def test_sudo_makes_nobody_else_of_us(
    tree: Tree, path: str, text: str
) -> None:
    session(tree, TTY="")
    tree.write(path, text)

    assert seen() == ([], [])


def test_the_session_of_nobody_known_makes_nobody_ours(tree: Tree) -> None:
    session(tree, TTY="")
    tree.write("proc/self/loginuid", "4294967295\n")
    tree.write("proc/self/cgroup", "0::/user.slice/session-7.scope\n")

    found, _ = seen()

    assert found == [{**ANN, "terminal": None}]


def test_what_a_session_does_not_tell_is_null_or_looked_up(tree: Tree) -> None:
    tree.write("etc/passwd", "ann:x:4242:4242:::\n")
    tree.write(
        "run/systemd/sessions/1", 'CLASS=user\nUID=4242\nDISPLAY=":0"\nx\n'
    )
    tree.write("run/systemd/sessions/2", "CLASS=user\nUID=77\n")
    tree.write("run/systemd/sessions/3", "CLASS=user\n")

    found, _ = seen()

    unknown = {"since": None, "from": None}
    assert found == [
        {"user": "", "terminal": None, **unknown},
        {"user": "77", "terminal": None, **unknown},
        {"user": "ann", "terminal": ":0", **unknown},
    ]


def test_a_session_that_ends_while_it_is_read_is_nobody(tree: Tree) -> None:
    link = tree.folder / "run/systemd/sessions/1"
    link.parent.mkdir(parents=True)
    link.symlink_to("gone")

    assert seen() == ([], [])


def test_a_login_whose_process_is_gone_is_nobody(tree: Tree) -> None:
    alive(tree, 41)
    tree.write("run/utmp", login() + login("bob", pid=41, host=""))

    assert seen() == ([{**ANN, "user": "bob", "from": None}], [])


def test_where_processes_are_hidden_every_login_counts(tree: Tree) -> None:
    tree.write("run/utmp", login())

    assert seen() == ([ANN], [])


def test_without_both_sources_nobody_can_tell(tree: Tree) -> None:
    found, gaps = seen()

    assert tree.folder.is_dir()
    assert found is None
    assert [gap["what"] for gap in gaps] == ["people"]


@pytest.mark.parametrize("path", ["run/systemd/sessions/1", "run/utmp"])
def test_what_cannot_be_read_is_nobody_known(tree: Tree, path: str) -> None:
    session(tree, "2")
    (tree.folder / path).mkdir()

    found, gaps = seen()

    assert found is None
    assert gaps[0]["what"] == "people"
    assert gaps[0]["because"].startswith("cannot tell who is logged in")


def test_half_an_utmp_is_not_read(tree: Tree) -> None:
    tree.write("run/utmp", login()[:-1])

    found, gaps = seen()

    assert found is None
    assert "383 bytes" in gaps[0]["because"]


def test_sessions_without_end_are_not_read(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.people._SESSIONS_AT_MOST", 1)
    session(tree, "1")
    session(tree, "2")

    found, gaps = seen()

    assert found is None
    assert "2 sessions are too many" in gaps[0]["because"]


def test_a_crowd_is_told_in_part(tree: Tree) -> None:
    crowd = (login(line=f"pts/{number}") for number in range(65))
    tree.write("run/utmp", b"".join(crowd))

    found, gaps = seen()

    assert len(found or []) == 64
    assert gaps[0]["because"] == "cannot tell of all 65 who are there"


def test_long_words_are_cut(tree: Tree) -> None:
    session(tree, USER="a" * 99, TTY="t" * 99, REMOTE_HOST="h" * 99)

    found, _ = seen()

    assert found is not None
    assert {len(str(found[0][key])) for key in ("user", "terminal")} == {64}
    assert len(str(found[0]["from"])) == 64


@pytest.mark.parametrize(
    ("size", "machine"),
    [(NARROW, "x86_64"), (WIDE, "aarch64"), (WIDE, "x86_64")],
)
def test_utmp_is_read_with_short_and_long_times(
    size: int, machine: str
) -> None:
    data = login(kind=2, size=size) + login(size=size)

    (found,) = logins_in(data, machine)

    assert found == ("ann", "pts/0", 1000.0, "10.0.0.5", 40)


@pytest.mark.parametrize(
    ("size", "machine"), [(NARROW, "x86_64"), (WIDE, "aarch64")]
)
def test_where_the_size_fits_both_the_machine_decides(
    size: int, machine: str
) -> None:
    data = login(size=size) * (9600 // size)

    assert {one.user for one in logins_in(data, machine)} == {"ann"}


def test_an_entry_without_a_user_is_nobody() -> None:
    assert logins_in(login(""), "x86_64") == []


@given(data=st.binary(max_size=3 * NARROW))
def test_any_utmp_is_read_or_refused(data: bytes) -> None:
    whole = data[: len(data) // NARROW * NARROW]

    assert len(logins_in(whole, "x86_64")) <= 3
    if len(data) % NARROW and len(data) % WIDE:
        with pytest.raises(ValueError, match="no whole entries"):
            logins_in(data, "x86_64")


def test_this_machine_is_told_or_there_is_a_gap() -> None:
    found, gaps = seen()

    assert (found is None) == bool(gaps)
