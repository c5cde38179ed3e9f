"""The kernel's log, from journalctl and dmesg of our own."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.dmesg import _after_ring_cursor, _ring_lines
from monitor.gate.gaps import Gaps
from monitor.gate.kernel import observe_kernel
from monitor.gate.protocol import Refused
from tests.gate.conftest import Programs, Tree

XID = "NVRM: Xid (PCI:0000:01:00): 79, pid=7, GPU has fallen off the bus."
OOM = "Out of memory: Killed process 4242 (python3) total-vm:9kB"
BORING = "usb 1-1: new high-speed USB device"


def row(place: str, message: object, at: int = 1_700_000_000) -> str:
    return json.dumps(
        {
            "__CURSOR": f"s=ab;i={place}",
            "__REALTIME_TIMESTAMP": f"{at}000000",
            "MESSAGE": message,
        }
    )


def journal(programs: Programs, *rows: str, after: str = "") -> Path:
    """A journalctl that has these rows, and `after` after any cursor."""
    folder = programs.folder.parent
    (folder / "rows").write_text("".join(f"{one}\n" for one in rows))
    (folder / "after").write_text(after)
    programs.has(
        "journalctl",
        f"""
        echo "$@" >>{folder}/asked
        case "$*" in
          *after-cursor=s=lost*) echo "no such cursor" >&2; exit 1 ;;
          *after-cursor=*) rows=after ;;
          *) rows=rows ;;
        esac
        exec /bin/cat {folder}/$rows
        """,
    )
    return folder / "asked"


def ring(programs: Programs, *lines: str) -> None:
    text = "\n".join(lines)
    programs.has("dmesg", f"echo '{text}'")


def observed(**question: object) -> dict[str, object]:
    gaps = Gaps("kernel")
    answer = observe_kernel(question, gaps)
    assert gaps.entries == []
    return answer


def texts(answer: dict[str, object]) -> list[str]:
    entries = answer["entries"]
    assert isinstance(entries, list)
    return [entry["text"] for entry in entries]


def test_the_journal_tells_what_is_our_business(programs: Programs) -> None:
    journal(programs, row("1", XID), row("2", BORING), row("3", OOM))

    answer = observed()

    assert answer == {
        "source": "journal",
        "cursor": "s=ab;i=3",
        "entries": [
            {"at": 1_700_000_000.0, "text": XID},
            {"at": 1_700_000_000.0, "text": OOM},
        ],
        "lost": False,
    }


def test_it_goes_on_after_the_cursor(programs: Programs) -> None:
    asked = journal(programs, row("1", XID), after=f"{row('5', OOM)}\n")

    answer = observed(cursor="s=ab;i=3")

    assert (answer["cursor"], texts(answer)) == ("s=ab;i=5", [OOM])
    [call] = asked.read_text().splitlines()
    assert call.endswith(" --after-cursor=s=ab;i=3")
    assert "--dmesg --boot" in call


def test_no_news_keep_the_cursor(programs: Programs) -> None:
    journal(programs, row("1", XID))

    answer = observed(cursor="s=ab;i=3")

    assert (answer["cursor"], texts(answer)) == ("s=ab;i=3", [])
    assert answer["lost"] is False


def test_a_place_that_the_journal_forgot_is_a_loss(programs: Programs) -> None:
    journal(programs, row("1", XID))

    answer = observed(cursor="s=lost")

    assert (answer["cursor"], texts(answer)) == ("s=ab;i=1", [XID])
    assert answer["lost"] is True


def test_a_row_cut_in_half_is_read_next_time(programs: Programs) -> None:
    whole = row("1", XID)
    journal(programs, whole, row("2", OOM)[:40])

    answer = observed()

    assert (answer["cursor"], texts(answer)) == ("s=ab;i=1", [XID])


def test_bytes_that_are_no_text_do_not_hide_the_line(
    programs: Programs,
) -> None:
    journal(programs, row("1", [*XID.encode(), 0xFF]))

    assert texts(observed()) == [f"{XID}\ufffd"]


def test_a_long_boot_begins_with_a_loss(programs: Programs) -> None:
    journal(programs, *[row(f"{n:x}", BORING) for n in range(1, 5001)])

    answer = observed()

    assert answer["lost"] is True
    assert answer["cursor"] == f"s=ab;i={5000:x}"


def test_only_the_newest_are_told(programs: Programs) -> None:
    journal(programs, *[row(f"{n}", f"NVRM: {n}") for n in range(1, 6)])

    answer = observed(limit=2)

    assert texts(answer) == ["NVRM: 4", "NVRM: 5"]
    assert answer["lost"] is True


def test_an_answer_fits_a_line_whatever_the_kernel_says(
    programs: Programs,
) -> None:
    rows = [row(f"{n:x}", f"NVRM: {n:04}" + "x" * 5000) for n in range(1, 900)]
    journal(programs, *rows)

    answer = observed(limit=2000)

    assert 300_000 < len(json.dumps(answer)) < 420_000
    assert texts(answer)[-1].startswith("NVRM: 0899")
    assert answer["lost"] is True


def boot(tree: Tree) -> None:
    tree.write("proc/sys/kernel/random/boot_id", "b-1\n")
    tree.write("proc/uptime", "100.00 1.00\n")


def test_where_the_journal_is_closed_to_us_the_ring_is_read(
    programs: Programs, tree: Tree
) -> None:
    boot(tree)
    journal(programs)
    ring(programs, "[    1.000000] boot", f"[   40.500000] {XID}", "[late")

    answer = observed()

    assert answer["source"] == "dmesg"
    [entry] = answer["entries"]  # type: ignore[misc]
    assert entry["text"] == XID  # type: ignore[has-type]
    now = time.time()  # noqa: TID251 - the gate has the machine's clock
    assert abs(now - 59.5 - entry["at"]) < 5  # type: ignore[has-type]


def test_the_ring_goes_on_after_its_own_cursor(
    programs: Programs, tree: Tree
) -> None:
    boot(tree)
    first = ("[    1.000000] boot", f"[   40.500000] {XID}")
    ring(programs, *first)
    cursor = observed()["cursor"]
    ring(programs, *first, f"[   40.500000] {OOM}", f"[   41.000000] {XID}")

    answer = observed(cursor=cursor)

    assert texts(answer) == [OOM, XID]
    assert answer["lost"] is False


def test_what_the_ring_forgot_is_a_loss(
    programs: Programs, tree: Tree
) -> None:
    boot(tree)
    ring(programs, f"[   40.500000] {XID}")
    cursor = observed()["cursor"]
    ring(programs, f"[   50.000000] {OOM}")

    answer = observed(cursor=cursor)

    assert texts(answer) == [OOM]
    assert answer["lost"] is True


def test_a_new_boot_is_no_loss(programs: Programs, tree: Tree) -> None:
    boot(tree)
    ring(programs, f"[   40.500000] {XID}")
    cursor = observed()["cursor"]
    tree.write("proc/sys/kernel/random/boot_id", "b-2\n")
    ring(programs, f"[    2.000000] {OOM}")

    answer = observed(cursor=cursor)

    assert texts(answer) == [OOM]
    assert answer["lost"] is False


@pytest.mark.usefixtures("tree")
def test_without_a_clock_a_line_has_no_time(programs: Programs) -> None:
    ring(programs, f"[    2.000000] {OOM}", "", " and more of out of memory")

    answer = observed()

    assert answer["entries"] == [
        {"at": None, "text": OOM},
        {"at": None, "text": "and more of out of memory"},
    ]


def test_where_neither_can_be_read_it_is_refused_with_what_helps(
    programs: Programs,
) -> None:
    programs.has("dmesg", "echo 'Operation not permitted' >&2; exit 1")

    with pytest.raises(Refused, match="systemd-journal") as caught:
        observed()

    assert "Operation not permitted" in caught.value.because
    assert "journalctl" in caught.value.because


def test_a_ring_without_times_and_a_silent_journal_are_refused(
    programs: Programs,
) -> None:
    journal(programs)
    ring(programs, "no time here")

    with pytest.raises(Refused, match="shows nothing with a time"):
        observed()


def test_a_journal_that_takes_too_long_is_left(programs: Programs) -> None:
    programs.has("journalctl", "exec /bin/sleep 30")

    with pytest.raises(Refused, match="took too long"):
        observed(within=0.5)


@pytest.mark.parametrize(
    "cursor", ["", "a b", "--root=/", "x" * 513, 7, "s=1\n"]
)
def test_a_cursor_of_another_form_never_reaches_a_program(
    cursor: object, programs: Programs
) -> None:
    asked = journal(programs)

    with pytest.raises(Refused, match="cannot use cursor"):
        observed(cursor=cursor)

    assert not asked.exists()


@given(st.text(max_size=200))
def test_any_ring_is_read(text: str) -> None:
    lines = _ring_lines(text)

    for line in lines:
        cursor = f"dmesg;b;{line.stamp};{line.sum}"
        news, lost = _after_ring_cursor(lines, cursor, "b")
        assert not lost
        assert len(news) < len(lines)
