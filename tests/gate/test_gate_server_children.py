"""A child does one thing, tells it, and is gone; or it is ended."""

import contextlib
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.gate.children import (
    Child,
    run_child,
    settle_child,
    start_child,
    tell_all,
)
from monitor.gate.outcome import (
    Outcome,
    outcome_line,
    outcome_of,
    read_outcome,
)
from monitor.gate.protocol import LONGEST_LINE, Refused

FILES = Path("/proc/self/fd")


class Left(Exception):
    """The child would have ended here."""


def leave(code: int) -> None:
    raise Left(code)


def heard(child: Child) -> Outcome:
    """Wait for what a child has to say."""
    while child.outcome is None:
        assert child.descriptor is not None
        assert select.select([child.descriptor], [], [], 20)[0]
        child.hear()
    return child.outcome


def buried(child: Child) -> bool:
    """Wait until a child is gone."""
    end = time.monotonic() + 20
    while not child.gone():
        assert time.monotonic() < end
        select.select([], [], [], 0.005)
    return child.descriptor is None


def test_a_child_tells_its_outcome_and_is_gone() -> None:
    child = start_child(lambda: Outcome(answer={"pid": os.getpid()}), 20)

    outcome = heard(child)

    assert outcome.answer == {"pid": child.pid}
    assert not child.silent
    assert buried(child)
    child.hear()
    child.hang_up()


def test_a_child_is_not_in_our_group_and_keeps_nothing_of_ours() -> None:
    def work() -> Outcome:
        links = [str((FILES / str(one)).readlink()) for one in (0, 1, 2)]
        count = len(list(FILES.iterdir()))
        group = os.getpgid(0)
        return Outcome(answer={"links": links, "n": count, "group": group})

    child = start_child(work, 20)
    answer = heard(child).answer
    assert answer is not None

    assert answer["links"] == [os.devnull] * 3
    # The pipe, the folder being listed, /dev/null itself and 0, 1, 2.
    assert isinstance(answer["n"], int)
    assert answer["n"] <= 6
    assert answer["group"] == child.pid
    assert buried(child)


def test_a_child_that_dies_without_a_word_is_an_outcome() -> None:
    def die() -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        return Outcome()

    child = start_child(die, 20)

    outcome = heard(child)

    assert (outcome.answer, outcome.reason) == (None, "internal")
    assert child.silent
    assert child.missed == []
    assert buried(child)


def test_an_ended_child_takes_along_what_it_started() -> None:
    def work() -> Outcome:
        sleeper = subprocess.Popen(["/bin/sleep", "60"], pass_fds=(telling,))
        os.write(telling, f"{sleeper.pid}\n".encode())
        sleeper.wait()
        return Outcome()

    listening, telling = os.pipe()
    os.dup2(telling, 300)
    os.close(telling)
    telling = 300  # high enough to be kept by a child
    child = start_child(work, 20)
    os.close(telling)
    sleeper = int(os.read(listening, 100))

    child.end("timeout", "cannot wait")

    assert buried(child)
    # Its end of the pipe closes when it is gone too.
    assert select.select([listening], [], [], 20)[0]
    assert os.read(listening, 1) == b""
    assert child.outcome is not None
    assert child.outcome.reason == "timeout"
    assert sleeper != child.pid
    os.close(listening)


def test_a_child_that_somebody_else_waited_for_is_gone() -> None:
    child = start_child(Outcome, 20)
    os.waitpid(child.pid, 0)

    assert child.gone()


def test_an_answer_without_end_is_ended() -> None:
    listening, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(listening)
        with contextlib.suppress(BaseException):
            tell_all(telling, b"x" * (LONGEST_LINE + 100_000))
        os._exit(0)
    os.close(telling)
    child = Child(pid, listening)

    outcome = heard(child)

    assert outcome.reason == "too_large"
    while child.descriptor is not None:
        child.hear()
    assert buried(child)


def test_where_no_process_can_be_started_nothing_is_left_open() -> None:
    def full() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = sorted(FILES.iterdir())

    with pytest.raises(OSError, match="temporarily"):
        start_child(Outcome, 20, fork=full)

    assert sorted(FILES.iterdir()) == before


def test_the_child_side_never_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled = []
    monkeypatch.setattr(
        "monitor.gate.children.run_child",
        lambda work, telling, seconds: run_child(
            work, telling, seconds, lambda *how: settled.append(how), leave
        ),
    )

    with pytest.raises(Left):
        start_child(lambda: Outcome(answer={}), 5, fork=lambda: 0)

    [(telling, seconds)] = settled
    assert seconds == 5
    os.close(telling)
    os.close(telling - 1)


def test_the_child_side_leaves_also_when_nobody_listens() -> None:
    listening, telling = os.pipe()
    os.close(listening)

    with pytest.raises(Left):
        run_child(Outcome, telling, 5, lambda *_: None, leave)

    os.close(telling)


class FakeSystem:
    """Keeps a table of descriptors instead of the kernel's."""

    SIGINT, SIGTERM, SIGHUP = "SIGINT", "SIGTERM", "SIGHUP"

    def __init__(self) -> None:
        self.open_files = dict.fromkeys(range(20), "ours")
        self.group: tuple[int, int] | None = None
        self.seconds = 0
        self.handlers: dict[object, object] = {}

    def setpgid(self, pid: int, group: int) -> None:
        self.group = (pid, group)

    def open(self, path: str, _flags: int) -> int:
        self.open_files[20] = path
        return 20

    def dup2(self, old: int, new: int) -> None:
        self.open_files[new] = self.open_files[old]

    def closerange(self, first: int, end: int) -> None:
        for one in range(first, end):
            self.open_files.pop(one, None)

    def signal(self, name: object, handler: object) -> None:
        self.handlers[name] = handler

    def alarm(self, seconds: int) -> None:
        self.seconds = seconds


def test_a_child_keeps_only_its_pipe_and_ends_itself() -> None:
    system: Any = FakeSystem()
    collected = []
    gc: Any = SimpleNamespace(disable=lambda: collected.append("off"))

    settle_child(7, 8.5, system, system, gc)

    null = os.devnull
    assert system.open_files == {0: null, 1: null, 2: null, 7: "ours"}
    assert system.group == (0, 0)
    assert system.seconds == 10
    assert set(system.handlers.values()) == {signal.SIG_DFL}
    assert collected == ["off"]


def test_any_error_of_a_look_is_an_outcome_without_its_text() -> None:
    def broken(_gaps: object) -> dict[str, object]:
        raise KeyError("secret")

    outcome = outcome_of(broken, "machine")

    assert outcome.reason == "internal"
    assert "KeyError" in outcome.because
    assert "secret" not in outcome.because


def test_a_refusal_of_a_look_is_told_as_it_is() -> None:
    def refuses(_gaps: object) -> dict[str, object]:
        raise Refused("bad_request", "cannot so")

    outcome = outcome_of(refuses, "machine")

    assert (outcome.reason, outcome.because) == ("bad_request", "cannot so")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"text": "x" * LONGEST_LINE}, "too_large"),
        ({"number": float("nan")}, "internal"),
        ({"thing": object()}, "internal"),
    ],
)
def test_what_cannot_be_sent_is_an_outcome(
    answer: dict[str, object], reason: str
) -> None:
    outcome = read_outcome(outcome_line(Outcome(answer=answer)))

    assert (outcome.answer, outcome.reason) == (None, reason)
