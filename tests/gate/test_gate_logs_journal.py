"""The journal is read by its own cursor."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.journal import message_bytes, parse_entry, read_journal
from monitor.gate.log import observe_log
from monitor.gate.logtext import LogSeen
from tests.gate.fake_host import FakeHost

STARTED = "39f53479d3a045ac8e11786248231fbf"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def entry(number: int, message: object, **more: object) -> str:
    return json.dumps(
        {
            "__CURSOR": f"s=ab;i={number:x};b=cd",
            "__REALTIME_TIMESTAMP": str(1_700_000_000_000_000 + number),
            "MESSAGE": message,
            **more,
        }
    )


def journal(host: FakeHost, *entries: str, after: str = "") -> None:
    """Make a journalctl that prints these, whatever it is asked."""
    host.write("entries", "".join(f"{one}\n" for one in entries))
    host.tool("journalctl", f"cat {host.folder}/entries\n{after}")


def read(
    cursor: str | None = None, limit: int = 262144
) -> tuple[LogSeen, Gaps]:
    gaps = Gaps("log")
    return read_journal("ff.service", cursor, limit, gaps, 4.0), gaps


def test_a_first_look_asks_for_the_newest(host: FakeHost) -> None:
    journal(host, entry(1, "one"), entry(2, "two", MESSAGE_ID=STARTED))

    seen, gaps = read()

    assert [one.text for one in seen.lines] == ["one", "two"]
    assert seen.lines[0].at == 1_700_000_000.000001
    assert seen.cursor == "s=ab;i=2;b=cd"
    assert not seen.restarted
    assert not seen.rotated
    assert gaps.entries == []
    (call,) = host.calls("journalctl")
    assert "--lines=1000" in call
    assert call.endswith("--unit=ff.service")


def test_later_looks_go_on_after_the_cursor(host: FakeHost) -> None:
    journal(host, entry(3, "Started.", MESSAGE_ID=STARTED), entry(4, "x"))

    seen, _ = read("s=ab;i=2;b=cd")

    assert seen.restarted
    assert seen.cursor == "s=ab;i=4;b=cd"
    assert "--after-cursor=s=ab;i=2;b=cd" in host.calls("journalctl")[0]


def test_nothing_new_keeps_the_cursor(host: FakeHost) -> None:
    journal(host, "-- No entries --")

    seen, _ = read("s=ab;i=2;b=cd")

    assert seen.lines == []
    assert seen.cursor == "s=ab;i=2;b=cd"


def test_an_empty_log_goes_on_from_now(host: FakeHost) -> None:
    journal(host)
    first, _ = read()
    journal(host, entry(1, "the first line"))
    second, _ = read(first.cursor)

    assert first.cursor
    assert first.cursor.startswith("@1")
    assert [one.text for one in second.lines] == ["the first line"]
    assert f"--since={first.cursor}" in host.calls("journalctl")[1]


def test_a_message_has_many_forms(host: FakeHost) -> None:
    journal(
        host,
        entry(1, [104, 105, 13, 255]),
        entry(2, "one\ntwo\n"),
        entry(3, ["a", [98], None]),
        entry(4, None),
        entry(5, [300]),
    )

    seen, _ = read()

    texts = [one.text for one in seen.lines]
    assert texts == ["\ufffd", "one", "two", "a", "b"]


def test_a_place_that_is_gone_is_a_new_beginning(host: FakeHost) -> None:
    host.write("entries", entry(9, "nine") + "\n")
    host.tool(
        "journalctl",
        'case "$*" in *after-cursor*) exit 1 ;; esac\n'
        f"cat {host.folder}/entries",
    )

    seen, gaps = read("s=ab;i=2;b=cd")

    assert [one.text for one in seen.lines] == ["nine"]
    assert seen.rotated
    assert gaps.entries == []


def test_too_much_since_the_cursor_is_skipped(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.journal._OUTPUT", 1000)
    host.write("entries", entry(9, "nine") + "\n")
    host.tool(
        "journalctl",
        'case "$*" in *after-cursor*) yes | head -c 9000; exit ;; esac\n'
        f"cat {host.folder}/entries",
    )

    seen, _ = read("s=ab;i=2;b=cd")

    assert [one.text for one in seen.lines] == ["nine"]
    assert seen.rotated
    assert seen.skipped == 1000


def test_of_many_lines_the_newest_are_told(host: FakeHost) -> None:
    journal(host, *(entry(n, f"line {n}") for n in range(1, 10)))

    later, _ = read("s=ab;i=0;b=cd", limit=14)
    first, _ = read(limit=14)

    assert [one.text for one in later.lines] == ["line 8", "line 9"]
    assert later.skipped == 7 * 7
    assert first.skipped == 0


def test_a_strange_cursor_is_never_passed_on(host: FakeHost) -> None:
    journal(host, entry(1, "one"))

    seen, _ = read("--help; rm -rf")

    assert seen.rotated
    assert "help" not in host.calls("journalctl")[0]


@pytest.mark.parametrize(
    "hint",
    [
        "Hint: You are currently not seeing messages from other users",
        "No journal files were opened due to insufficient permissions.",
    ],
)
def test_a_journal_that_we_may_not_read_is_a_gap(
    host: FakeHost, hint: str
) -> None:
    journal(host, after=f"echo '{hint}' >&2; exit 1")

    seen, gaps = read("@1")

    assert seen.cursor == "@1"
    assert "systemd-journal" in gaps.entries[0]["because"]


def test_a_broken_journalctl_is_a_gap(host: FakeHost) -> None:
    host.tool("journalctl", "echo oh no >&2; exit 4")

    seen, gaps = read()

    assert seen.cursor is None
    assert "oh no" in gaps.entries[0]["because"]


def test_the_part_asks_the_journal(host: FakeHost) -> None:
    journal(host, entry(1, "one"))
    question: dict[str, object] = {
        "source": "journal",
        "unit": "ff.service",
        "cursor": "",
    }

    answer = observe_log(question, Gaps("log"))

    assert answer["lines"] == [{"at": 1_700_000_000.000001, "text": "one"}]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"__CURSOR": 7}',
        b'{"__CURSOR": "-x"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_is_left_out(line: bytes) -> None:
    assert parse_entry(line) is None


def test_an_entry_without_its_time_has_none() -> None:
    found = parse_entry(b'{"__CURSOR":"s=a;i=1","__REALTIME_TIMESTAMP":"x"}')

    assert found == ("s=a;i=1", None, b"", False)


@given(st.binary())
def test_any_line_is_an_entry_or_none(line: bytes) -> None:
    assert parse_entry(line) is None or line


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        st.lists,
    )
)
def test_any_message_gives_bytes(message: object) -> None:
    assert isinstance(message_bytes(message), bytes)
