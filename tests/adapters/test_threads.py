"""Threads that nobody waits for at the end."""

import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, Future
from functools import partial
from pathlib import Path

import pytest

from monitor.adapters.threads import Threads

HUNG = """
import threading
from monitor.adapters.threads import Threads
begun = threading.Event()
def hangs():
    begun.set()
    threading.Event().wait(60)
Threads("slow", 2).submit(hangs)
begun.wait(10)
print("over")
"""


class Errand:
    """Blocks until it may end."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.may_end.wait(10)
        return threading.current_thread().name


def test_an_errand_is_run_in_another_thread() -> None:
    threads = Threads("slow", 2)

    assert threads.submit(lambda: 1 + 1).result(5) == 2
    name = threads.submit(lambda: threading.current_thread().name).result(5)
    assert name == "slow"


def test_an_errand_that_fails_tells_who_waits() -> None:
    def fails() -> None:
        raise OSError("no such name")

    with pytest.raises(OSError, match="no such name"):
        Threads("slow", 2).submit(fails).result(5)


def test_what_is_beyond_the_limit_waits_its_turn() -> None:
    threads, errands = Threads("slow", 2), [Errand() for _ in range(3)]
    futures = [threads.submit(errand) for errand in errands]
    assert errands[0].begun.wait(5)
    assert errands[1].begun.wait(5)
    waited = not errands[2].begun.is_set()

    errands[0].may_end.set()

    assert waited
    assert errands[2].begun.wait(5)
    for errand in errands:
        errand.may_end.set()
    assert [future.result(5) for future in futures] == ["slow"] * 3


def test_a_thread_is_used_again() -> None:
    threads = Threads("slow", 5)

    seen = set()
    for _ in range(20):
        future: Future[int] = threads.submit(threading.get_ident)
        seen.add(future.result(5))
        time.sleep(0.001)

    assert len(seen) <= 2


def test_a_thread_without_work_goes_and_another_comes() -> None:
    threads = Threads("idle-soon", 1, idle=0.01)
    thread = threads.submit(threading.current_thread).result(5)
    thread.join(5)

    assert not thread.is_alive()
    assert threads.submit(lambda: "again").result(5) == "again"


def test_no_errand_is_forgotten_by_a_thread_that_is_about_to_go() -> None:
    threads = Threads("idle-soon", 1, idle=0.0001)

    for nth in range(3000):
        assert threads.submit(partial(int, nth)).result(5) == nth
        if nth % 2:
            time.sleep(0.0001)


def test_what_has_not_begun_can_be_called_off() -> None:
    threads, errand = Threads("slow", 1), Errand()
    running = threads.submit(errand)
    assert errand.begun.wait(5)
    waiting = threads.submit(lambda: "never")

    threads.call_off()
    errand.may_end.set()

    assert running.result(5) == "slow"
    with pytest.raises(CancelledError):
        waiting.result(5)
    assert threads.submit(lambda: "after").result(5) == "after"


def test_a_hung_errand_does_not_keep_the_program_from_ending() -> None:
    ended = subprocess.run(  # noqa: S603 - our own constant program
        [sys.executable, "-c", HUNG],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert ended.stdout == "over\n"
    assert ended.stderr == ""
