"""The parts of a simulated machine, without a network."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.simulator.gate import log_parts, service_part
from monitor.simulator.machine.happenings import Happening, Happenings
from monitor.simulator.machine.journal import Journal
from monitor.simulator.machine.pids import Pids
from monitor.simulator.machine.process import CRASH
from monitor.simulator.machine.world import Doing, World
from monitor.simulator.stopwatch import Stopwatch
from tests.simulator.gate_client import Body

PID_MAX_LIMIT = 4_194_304


class Bench:
    """A machine whose time and whose jobs a test decides."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.doing = Doing()
        self.world = World("bench", lambda: self.doing, lambda: self.time)


def _numbers(journal: Journal, cursor: str | None) -> list[str]:
    return [entry.text for entry in journal.after(cursor).entries]


@given(
    before=st.lists(st.text()), between=st.lists(st.text()), at=st.floats(0, 1)
)
def test_a_reader_with_a_cursor_misses_nothing_and_reads_nothing_twice(
    before: list[str], between: list[str], at: float
) -> None:
    journal = Journal("x")
    for text in before:
        journal.add(at, text)
    first = journal.after(None)
    for text in between:
        journal.add(at, text)
    second = journal.after(first.cursor)

    assert [entry.text for entry in first.entries] == before
    assert [entry.text for entry in second.entries] == between
    assert not second.lost
    assert _numbers(journal, second.cursor) == []


def test_a_reader_who_comes_too_late_is_told_what_is_lost() -> None:
    journal = Journal("x")
    journal.add(0.0, "first")
    cursor = journal.after(None).cursor
    for number in range(3000):
        journal.add(1.0, str(number))

    read = journal.after(cursor)

    assert read.lost
    assert read.entries[-1].text == "2999"
    assert len(read.entries) == 2000


def test_what_was_cleared_was_lost_to_who_has_not_read_it() -> None:
    journal = Journal("x")
    journal.add(0.0, "read")
    cursor = journal.after(None).cursor
    journal.add(0.0, "unread")
    journal.clear()

    assert journal.after(cursor).lost
    assert not journal.after(journal.after(cursor).cursor).lost


@pytest.mark.parametrize("cursor", ["", "s=1;i=2", "x", "s=;i=zz", None])
def test_a_strange_cursor_reads_all(cursor: str | None) -> None:
    journal = Journal("x")
    journal.add(0.0, "line")

    assert _numbers(journal, cursor) == ["line"]


def test_a_cursor_whose_number_is_none_reads_all() -> None:
    journal = Journal("x")
    journal.add(0.0, "line")
    name, _, _ = journal.after(None).cursor.partition(";i=")

    assert _numbers(journal, f"{name};i=zz") == ["line"]


def test_no_pid_is_one_that_a_process_here_could_have() -> None:
    pids = Pids("studio")

    given_out = [pids.take() for _ in range(100)]

    assert min(given_out) > PID_MAX_LIMIT
    assert len(set(given_out)) == 100


def test_who_left_hears_nothing_more() -> None:
    happenings, heard = Happenings(), list[str]()
    happening = Happening(event="exit", pid=1, started_at=0.0, at=1.0)

    def hear(one: Happening) -> None:
        heard.append(one.event)

    happenings.listen(hear)
    happenings.tell(happening)
    happenings.leave(hear)
    happenings.leave(hear)
    happenings.tell(happening)

    assert heard == ["exit"]


def test_a_job_that_runs_when_its_process_ends_is_left_behind() -> None:
    bench = Bench()
    bench.doing = Doing(running="swap", seconds=2.0)

    bench.world.end(CRASH, bench.time)
    bench.doing = Doing()
    left = log_parts.jobs(bench.world, bench.time)
    bench.world.start(bench.time + 5)
    tidy = log_parts.jobs(bench.world, bench.time)

    assert left["started"] == [
        {
            "id": "api-1970-01-12-13-46-38",
            "updated_at": bench.time - 2.0,
            "steps": 1,
            "steps_done": 0,
        }
    ]
    assert tidy["started"] == []


def test_an_end_and_a_start_count_once() -> None:
    bench, heard = Bench(), list[str]()
    bench.world.happenings.listen(lambda one: heard.append(one.event))

    for _ in range(2):
        bench.world.end(CRASH, bench.time)
    for _ in range(2):
        bench.world.start(bench.time)

    assert heard == ["exit", "listener_lost", "started", "listener_back"]


def test_cpu_time_is_that_of_the_process_and_not_of_the_one_before() -> None:
    bench = Bench()
    bench.doing = Doing(busy=1000.0)
    worked = _cpu(bench)

    bench.world.end(CRASH, bench.time)
    bench.world.start(bench.time)
    fresh = _cpu(bench)
    bench.doing = Doing(busy=1010.0)
    later = _cpu(bench)

    assert worked > 1000
    assert fresh < 20
    assert later - fresh >= 10


def _cpu(bench: Bench) -> float:
    seen: Body = service_part.service(bench.world, {}, bench.time)
    (process,) = seen["processes"]
    return float(process["cpu_seconds"])


def test_start_ticks_fit_the_start_and_the_boot() -> None:
    bench = Bench()
    process = bench.world.service.process

    assert process is not None
    since_boot = process.started_at - bench.world.boot.at
    assert process.start_ticks == round(since_boot * 100)


def test_a_log_that_is_too_long_is_cut_at_its_old_end() -> None:
    bench = Bench()
    cursor = bench.world.log.after(None).cursor
    for number in range(10):
        bench.world.log.add(bench.time, f"line {number}")

    seen = log_parts.log(bench.world, {"cursor": cursor, "limit": 16})

    assert seen["lines"] == [
        {"at": bench.time, "text": "line 8"},
        {"at": bench.time, "text": "line 9"},
    ]
    assert seen["skipped_bytes"] == 8 * 7


def test_a_start_shows_in_the_log_once() -> None:
    bench = Bench()
    first = log_parts.log(bench.world, {})

    second = log_parts.log(bench.world, {"cursor": first["cursor"]})

    assert (first["restarted"], second["restarted"]) == (True, False)


def test_the_kernels_newest_lines_are_kept_and_the_loss_is_told() -> None:
    bench = Bench()
    for number in range(3):
        bench.world.kernel.add(bench.time, str(number))

    seen: Body = log_parts.kernel(bench.world, {"limit": 2})

    assert [one["text"] for one in seen["entries"]] == ["1", "2"]
    assert seen["lost"]


@pytest.mark.parametrize(
    ("manager", "unit"),
    [
        ("process", None),
        (
            "docker",
            {"kind": "docker", "name": "ff", "state": "not-found"},
        ),
    ],
)
def test_another_manager_is_answered_in_its_own_words(
    manager: str, unit: object
) -> None:
    bench = Bench()

    seen: Body = service_part.service(
        bench.world, {"manager": manager, "unit": "ff"}, bench.time
    )

    assert seen["unit"] == unit
    assert len(seen["processes"]) == (manager == "process")


def test_a_stopwatch_that_stands_still_adds_nothing() -> None:
    watch = Stopwatch()
    watch.run(is_on=True)
    watch.run(is_on=False)
    stood = watch.seconds()

    threading.Event().wait(0.001)

    assert watch.seconds() == stood > 0
    watch.run(is_on=True)
    assert watch.seconds() >= stood
