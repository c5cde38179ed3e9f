"""Events of the kernel's log, each counted once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.kernel.event import KernelLine, OomKill
from monitor.domain.kernel.memory import (
    CLOSE,
    KEPT,
    KernelMemory,
    learn,
    reading,
)
from monitor.domain.kernel.wire import KernelPart, read_kernel
from monitor.domain.wire import Part

NEW = KernelMemory()
SLOT = "00000000:01:00.0"
T = 1_700_000_000.0


def xid(number: int, *, bus: str = "01", pid: object = 7) -> str:
    return f"NVRM: Xid (PCI:0000:{bus}:00): {number}, pid={pid}, name=x, Ch"


def part(*lines: tuple[float, str], **fields: object) -> dict[str, Any]:
    entries = [{"at": at, "text": text} for at, text in lines]
    answer = {"source": "journal", "cursor": "c", "lost": False}
    return answer | {"entries": entries} | fields


def test_an_event_of_many_lines_is_one_event() -> None:
    lines = [(T + n / 10, f"{xid(45)} {n}") for n in range(20)]

    memory, seen = learn(NEW, part(*lines), "b1")

    assert [event.at for event in seen.xids] == [T]
    assert seen.counts == ((SLOT, 45, 1),)
    assert (seen.source, seen.cursor, seen.boot_id) == ("journal", "c", "b1")
    assert seen == reading(memory)


def test_a_driver_that_repeats_itself_reports_one_event() -> None:
    """The times and pids of gpud's recorded dmesg-with-xid-119.log."""
    lines = [
        (T, xid(119, pid=2024380)),
        (T + 6, xid(119, pid=2024380)),
        (T + 12, xid(119, pid=2024380)),
        (T + 174, xid(119, pid=1263500)),
        (T + 355, xid(119, pid=1240590)),
    ]

    _, seen = learn(NEW, part(*lines), "b1")

    assert seen.counts == ((SLOT, 119, 3),)


@pytest.mark.parametrize(
    "other",
    [
        (T, xid(46)),
        (T, xid(45, bus="02")),
        (T, xid(45, pid=8)),
        (T + CLOSE + 1, xid(45)),
    ],
)
def test_another_gpu_xid_process_or_time_is_another_event(
    other: tuple[float, str],
) -> None:
    _, seen = learn(NEW, part((T, xid(45)), other), "b1")

    assert len(seen.xids) == 2
    assert sum(number for _, _, number in seen.counts) == 2


def test_a_line_without_a_pid_is_of_the_event_beside_it() -> None:
    lines = [
        (T, xid(79, pid=9)),
        (T, "NVRM: GPU 0000:01:00.0: GPU has fallen off the bus."),
    ]

    _, seen = learn(NEW, part(*lines), "b1")

    assert seen.counts == ((SLOT, 79, 1),)


def test_a_log_that_is_read_again_counts_nothing_twice() -> None:
    lines = [(T + 100 * n, xid(13, pid=n)) for n in range(1, 40)]
    memory, first = learn(NEW, part(*lines, cursor=None), "b1")

    _, again = learn(memory, part(*lines, cursor=None), "b1")

    assert again == first
    assert again.counts == ((SLOT, 13, 39),)


def test_a_memory_that_started_anew_counts_the_same() -> None:
    lines = [(T + 100 * n, xid(13)) for n in range(10)]
    memory, _ = learn(NEW, part(*lines[:5]), "b1")
    _, in_two = learn(memory, part(*lines[5:]), "b1")

    _, at_once = learn(NEW, part(*lines), "b1")

    assert at_once == in_two


def test_a_new_boot_keeps_the_counts_and_nothing_else() -> None:
    memory, _ = learn(NEW, part((T, xid(13)), lost=True), "b1")

    _, seen = learn(memory, part((T + 1, xid(13)), cursor=None), "b2")

    assert seen.counts == ((SLOT, 13, 2),)
    assert [event.boot_id for event in seen.xids] == ["b2"]
    assert (seen.cursor, seen.lost) == (None, False)


def test_a_boot_that_is_not_known_is_the_one_before() -> None:
    unknown, _ = learn(NEW, part((T, xid(13))), "")
    known, _ = learn(unknown, part((T, xid(13))), "b1")

    _, seen = learn(known, part((T, xid(13))), "")

    assert (seen.boot_id, seen.counts) == ("b1", ((SLOT, 13, 1),))


def test_the_place_in_a_log_is_kept_while_nothing_is_new() -> None:
    memory, _ = learn(NEW, part((T, xid(13))), "b1")

    _, quiet = learn(memory, part(cursor=None), "b1")
    _, other = learn(memory, part(cursor=None, source="dmesg"), "b1")

    assert (quiet.cursor, other.cursor) == ("c", None)


def test_lines_that_were_lost_stay_lost_for_this_boot() -> None:
    memory, _ = learn(NEW, part(lost=True), "b1")

    _, seen = learn(memory, part(), "b1")

    assert seen.lost


def test_both_lines_of_a_kill_are_one_kill() -> None:
    lines = [
        (
            T,
            (
                "oom-kill:constraint=X,task_memcg=/s/ff.service,task=python3,"
                "pid=42,uid=9"
            ),
        ),
        (T + 0.1, "Out of memory: Killed process 42 (python3) total-vm:1kB"),
        (T + 0.2, "Out of memory: Killed process 43 (python3) total-vm:1kB"),
        (T + 900, "Killed process 42 (other) total-vm:1kB"),
    ]

    for order in (lines, [lines[1], lines[0], *lines[2:]]):
        memory, seen = learn(NEW, part(*order), "b1")
        _, again = learn(memory, part(*order), "b1")

        assert seen.ooms[0].cgroup == "/s/ff.service"
        assert [(kill.pid, kill.process) for kill in seen.ooms] == [
            (42, "python3"),
            (43, "python3"),
            (42, "other"),
        ]
        assert again == seen


def test_events_stand_oldest_first_whatever_their_order() -> None:
    lines = [(T + 500, xid(13)), (T, xid(31)), (T + 100, xid(43))]

    _, seen = learn(NEW, part(*lines), "b1")

    assert [event.xid for event in seen.xids] == [31, 43, 13]


def test_a_storm_is_kept_in_bounds_and_counted_whole() -> None:
    memory = NEW
    storm = [(T + 100 * n, xid(13)) for n in range(KEPT + 200)]
    kills = [(T + n, f"Killed process {n + 1} (x) y") for n in range(KEPT + 9)]

    memory, _ = learn(memory, part(*storm[:400]), "b1")
    memory, seen = learn(memory, part(*storm[400:], *kills), "b1")
    _, again = learn(memory, part(*storm), "b1")

    assert len(seen.xids) == len(seen.ooms) == KEPT
    assert seen.xids[-1].at == storm[-1][0]
    assert seen.counts == again.counts == ((SLOT, 13, KEPT + 200),)


def test_counts_are_bounded() -> None:
    lines = [(T + n, xid(n % 500, bus=f"{n // 500:02x}")) for n in range(1500)]

    memory, seen = learn(NEW, part(*lines), "b1")
    _, more = learn(memory, part((T + 9999, xid(1, bus="00"))), "b1")

    assert len(seen.counts) == 1000
    assert ("00000000:00:00.0", 1, 2) in more.counts


def test_a_part_that_was_read_already_is_taken_as_it_is() -> None:
    given_part = KernelPart(
        source="dmesg",
        cursor=None,
        entries=(KernelLine(at=T, text="Killed process 5 (x) y"),),
        lost=False,
    )

    _, seen = learn(NEW, given_part, "b1")

    assert seen.ooms == (OomKill(boot_id="b1", at=T, pid=5, process="x"),)


@pytest.mark.parametrize(
    ("given_part", "names"),
    [
        (None, "kernel"),
        ([], "kernel"),
        (part(source="syslog"), "kernel.source"),
        (part(source=None), "kernel.source"),
        (part(cursor=5), "kernel.cursor"),
        (part(cursor="c" * 2000), "kernel.cursor"),
        (part(lost=None), "kernel.lost"),
        (part(entries={}), "kernel.entries"),
        (part(entries=[{}] * 5001), "kernel.entries"),
    ],
)
def test_an_answer_that_is_none_is_refused_by_its_field(
    given_part: object, names: str
) -> None:
    with pytest.raises(Unreadable, match="cannot read ") as refused:
        read_kernel(given_part)

    assert names in str(refused.value)


@pytest.mark.parametrize(
    "entry",
    [
        1,
        {"at": None, "text": ""},
        {"at": 1e300, "text": ""},
        {"at": 1.0, "text": 5},
    ],
)
def test_an_entry_that_is_none_spoils_no_other(entry: object) -> None:
    good = {"at": T, "text": "Killed process 5 (x) y"}

    read = read_kernel(part(entries=[entry, good]))

    assert [line.at for line in read.entries] == [T]
    assert read.lost
    assert not read_kernel(part(entries=[good])).lost


def test_a_named_part_keeps_its_name() -> None:
    with pytest.raises(Unreadable, match=r"parts\.kernel\.source"):
        read_kernel(Part({}, "parts.kernel"))


def test_long_lines_are_cut_and_no_reason_to_refuse() -> None:
    told = read_kernel(part((T, "x" * 10_000_000)))

    assert len(told.entries[0].text) == 2000


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
ODD = st.dictionaries(
    st.sampled_from(["source", "cursor", "entries", "lost", "x"]),
    JSON | st.just("journal") | st.just([{"at": 1, "text": xid(13)}]),
)


@given(ODD | JSON)
def test_any_answer_is_learned_or_refused(given_part: object) -> None:
    try:
        memory, seen = learn(NEW, given_part, "b1")
    except Unreadable:
        with pytest.raises(Unreadable, match=r"^cannot read kernel"):
            read_kernel(given_part)
    else:
        assert seen == reading(memory)


LINES = st.lists(
    st.tuples(
        st.floats(T, T + 500),
        st.builds(
            xid,
            st.sampled_from([13, 45, 79]),
            bus=st.sampled_from(["01", "02"]),
            pid=st.sampled_from([7, 8, "'<unknown>'"]),
        )
        | st.builds("Killed process {} (x) y".format, st.integers(1, 3)),
    ),
    max_size=20,
)


@given(LINES, st.data())
def test_reading_any_log_again_changes_nothing(
    lines: list[tuple[float, str]], data: st.DataObject
) -> None:
    memory, seen = learn(NEW, part(*lines), "b1")
    again = data.draw(st.permutations(lines)) if lines else []
    kept = [line for line in again if data.draw(st.booleans())]

    _, after = learn(memory, part(*kept), "b1")

    assert after.counts == seen.counts
    assert after.xids == seen.xids


def test_a_kill_learns_its_group_from_the_later_line() -> None:
    lines = [
        (T, "Killed process 42 (python3) total-vm:1kB"),
        (T + 1, "oom-kill:constraint=X,task_memcg=/s,task=x,pid=42,uid=9"),
    ]

    _, seen = learn(NEW, part(*lines), "b1")

    assert [(kill.process, kill.cgroup) for kill in seen.ooms] == [
        ("python3", "/s")
    ]
