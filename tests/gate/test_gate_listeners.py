"""Who listens is read from the kernel's tables."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.listeners import (
    Ears,
    Listening,
    listening,
    parse_tcp,
    sockets_of,
    who_listens,
)
from monitor.gate.processes import ProcessSeen, read_process
from tests.gate.fake_host import FakeHost, row


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def seen(pid: int) -> ProcessSeen:
    found = read_process(pid, 0.0, {})
    assert found
    return found


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("192.168.1.10", "192.168.1.10"),
        ("::", "::"),
        ("::1", "::1"),
        ("fe80::1:2", "fe80::1:2"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
    ],
)
def test_addresses_are_read_as_the_kernel_writes_them(
    address: str, said: str
) -> None:
    assert parse_tcp(row(address, 7870, 99)) == [
        Listening(said, 7870, 1000, 99)
    ]


def test_connections_that_nobody_takes_are_counted() -> None:
    (one,) = parse_tcp(row("127.0.0.1", 7870, 99, waiting=65))

    assert one.waiting == 65


@pytest.mark.parametrize(
    "line",
    [
        row("127.0.0.1", 7870, 99, state="01"),
        row("127.0.0.1", 7870, 99).replace("00000000:0", "00000000:x"),
        row("127.0.0.1", 0, 99),
        row("127.0.0.1", 7870, 99).replace("0100007F", "0100"),
        row("127.0.0.1", 7870, 99).replace("0100007F", "01000Ü7F"),
        row("127.0.0.1", 7870, 99).replace(":1EBE", ":"),
        row("127.0.0.1", 7870, 99).replace(":1EBE", ":1EBEF"),
        row("127.0.0.1", 7870, 99).replace(" 99 ", " x "),
        row("127.0.0.1", 7870, 99).replace(" 1000 ", " -1 "),
        "   0: 0100007F:1EBE 00000000:0000 0A",
    ],
)
def test_what_is_no_listener_is_left_out(line: str) -> None:
    assert parse_tcp(line) == []


@given(st.text(alphabet="0123456789ABCDEF: \n-x"))
def test_any_table_gives_listeners_or_none(text: str) -> None:
    for one in parse_tcp(text):
        assert 0 < one.port < 65536


def test_only_the_head_of_a_table_is_read(host: FakeHost) -> None:
    host.listeners(
        [
            row("0.0.0.0", 22, 1),  # noqa: S104
            row("10.0.0.1", 5000, 2, state="01"),
            row("0.0.0.0", 23, 3),  # noqa: S104
        ]
    )
    host.listeners([row("::", 7870, 4)], "net/tcp6")

    assert [one.port for one in listening("net")] == [22, 7870]


def test_a_long_table_has_an_end(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.listeners._ROWS", 2)
    host.listeners([row("::1", port, port) for port in range(1, 9)])

    assert len(listening("net")) == 2


def test_a_listener_is_owned_by_the_process_that_holds_it(
    host: FakeHost,
) -> None:
    host.process(42, sockets=[7, 8])
    host.process(43, ppid=42, sockets=[8])
    rows = [row("0.0.0.0", 7870, 8), row("::1", 9, 9)]  # noqa: S104
    host.listeners(rows)
    host.listeners(rows, "42/net/tcp")

    ears = Ears([seen(42), seen(43)])

    assert not ears.in_container
    assert [(one.port, pid) for one, pid in ears.owned()] == [(7870, 42)]


def test_where_descriptors_are_hidden_the_user_tells(host: FakeHost) -> None:
    host.process(42, sockets=None)
    rows = [row("::", 7870, 8), row("::", 9, 9, uid=33)]
    host.listeners(rows, "net/tcp6")
    host.listeners(rows, "42/net/tcp6")
    host.listeners([], "42/net/tcp")

    ears = Ears([seen(42)])

    assert not ears.in_container
    assert [(one.port, pid) for one, pid in ears.owned()] == [(7870, None)]


def test_a_container_has_listeners_of_its_own(host: FakeHost) -> None:
    host.process(42, sockets=None)
    host.listeners([row("::", 22, 1, uid=0)])
    host.listeners(
        [row("0.0.0.0", 7860, 8), row("127.0.0.11", 40000, 9, uid=0)],  # noqa: S104
        "42/net/tcp",
    )

    ears = Ears([seen(42)])

    assert ears.in_container
    assert [(one.port, pid) for one, pid in ears.owned()] == [(7860, None)]


def test_an_own_network_without_a_listener_is_a_container(
    host: FakeHost,
) -> None:
    host.process(42, sockets=None)
    host.listeners([row("::", 22, 1)])
    host.listeners([], "42/net/tcp")

    ears = Ears([seen(42)])

    assert ears.in_container
    assert ears.owned() == []


def test_a_network_that_cannot_be_read_is_taken_for_ours(
    host: FakeHost,
) -> None:
    host.process(42, sockets=[1])
    host.listeners([row("::", 22, 1)])

    ears = Ears([seen(42)])

    assert not ears.in_container
    assert len(ears.owned()) == 1


def test_without_processes_nothing_is_owned(host: FakeHost) -> None:
    host.listeners([row("::", 22, 1)])

    assert Ears([]).owned() == []


def test_a_stranger_is_named_as_far_as_we_may_know(host: FakeHost) -> None:
    host.process(50, name="nginx", sockets=[5])
    host.process(51, sockets=None)
    host.process(52, sockets=[7])
    (host.folder / "proc/52/stat").unlink()

    seen_there = who_listens(Listening("::", 80, 33, 5))
    ended = who_listens(Listening("::", 80, 33, 7))
    hidden = who_listens(Listening("::", 80, 33, 6))

    assert seen_there == {"pid": 50, "uid": 33, "name": "nginx"}
    assert ended == {"pid": 52, "uid": 33, "name": None}
    assert hidden == {"pid": None, "uid": 33, "name": None}


def test_only_sockets_count_as_sockets(host: FakeHost) -> None:
    host.process(42, sockets=[5])
    (host.folder / "proc/42/fd/9").symlink_to("/dev/null")
    (host.folder / "proc/42/fd/10").write_text("closed meanwhile")

    assert sockets_of(42) == {5}
    assert sockets_of(4242) == set()
