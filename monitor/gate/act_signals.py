"""Ends processes, each by its pidfd and only while it is the named one."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Sequence

from monitor.gate.act_asked import ProcessNamed
from monitor.gate.act_identity import is_named
from monitor.gate.held import is_ready
from monitor.gate.processes import (
    command_line,
    host_boot_time,
    read_process,
    stat_of,
)

LADDER = (
    (signal.SIGINT, 10.0),
    (signal.SIGTERM, 10.0),
    (signal.SIGKILL, 5.0),
)
"""FaceFusion tidies up at SIGINT, which takes it 3 s, and dies of SIGTERM
(facts/recovery.md §0.2). Seconds are given after each signal."""

_KERNEL = 2
"""kthreadd, the parent of every kernel thread."""

_UNWAKEABLE = 2.0
"""Seconds that a process may wait in the kernel before it counts as stuck:
reading a model from a disk looks the same."""

_LOOK_AGAIN = 0.05


class EffectFailed(Exception):
    """What was begun and did not succeed, as a sentence."""


class Grip:
    """A process that is held by a pidfd: nobody else can get its number.

    `flaw` is why it is signalled no more, empty while it may be.
    """

    def __init__(self, named: ProcessNamed, descriptor: int) -> None:
        self.pid = named.pid
        self.descriptor = descriptor
        self.flaw = ""
        self._named = named

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return is_ready(self.descriptor)

    def is_still(self) -> bool:
        """Tell whether the named process is there, in every figure.

        Raises `EffectFailed` where it has become something else: the same
        number, and another program or user.
        """
        boot_time = host_boot_time()
        if boot_time is None:
            raise EffectFailed("cannot signal anything: /proc/uptime is gone")
        seen = read_process(self.pid, boot_time, {})
        ours = self._named.start_ticks
        if seen is None or seen.start_ticks != ours or self.ended:
            return False
        # Without memory: it exits, or only its first thread has. What has
        # none has become no other program.
        if not seen.cmdline:
            return True
        if not is_named(self._named, seen._asdict()):
            raise EffectFailed(
                f"cannot signal process {self.pid}: it became something else"
            )
        return True

    def send(self, number: signal.Signals) -> str:
        """Send a signal to the named process; return what was done.

        It is looked at each time: between two signals a process may have
        become another program.
        """
        try:
            if self.is_still():
                signal.pidfd_send_signal(self.descriptor, number)
                return f"sent {number.name} to process {self.pid}"
        except ProcessLookupError:
            pass
        except EffectFailed as failed:
            self.flaw = str(failed)
            return self.flaw
        return f"process {self.pid} has ended meanwhile"


def ancestors_of(pid: int) -> set[int]:
    """Return a process and all above it, as far as /proc tells."""
    found: set[int] = set()
    while pid > 0 and pid not in found:
        found.add(pid)
        stat = stat_of(pid)
        pid = stat.ppid if stat else 0
    return found


def untouchable(pid: int, kin: Iterable[int]) -> str:
    """Return why a process is never signalled, "" when it may be.

    `kin` are the gate and all above it.
    """
    if pid <= 1:
        return f"process {pid} is the machine's first"
    if pid in kin:
        return f"process {pid} is the gate, or started it"
    stat = stat_of(pid)
    if pid == _KERNEL or (stat is not None and stat.ppid == _KERNEL):
        return f"process {pid} is a part of the kernel"
    if stat is not None and not command_line(pid):
        return f"process {pid} has no command line"
    return ""


def take_grip(
    named: ProcessNamed,
    kin: Iterable[int],
    opener: Callable[[int], int] | None = None,
) -> Grip | None:
    """Hold a process; None when the named one is there no more.

    Raises `EffectFailed` for one that may not be signalled: it is the same
    process, and has become something else since.
    """
    flaw = untouchable(named.pid, kin)
    if flaw:
        raise EffectFailed(f"cannot signal it: {flaw}")
    try:
        descriptor = (opener or os.pidfd_open)(named.pid)
    except OSError:
        return None
    grip = Grip(named, descriptor)
    still = False
    try:
        still = grip.is_still()
    finally:
        if not still:
            os.close(descriptor)
    return grip if still else None


def end_all(
    grips: Sequence[Grip],
    say: Callable[[str], None],
    ladder: Sequence[tuple[signal.Signals, float]] = LADDER,
    unwakeable: float = _UNWAKEABLE,
) -> None:
    """End processes, ever more firmly. Raises `EffectFailed`.

    One that waits in the kernel (state D) is told, and not signalled.
    """
    stuck = set()
    for number, seconds in ladder:
        left = [one for one in grips if not one.ended and not one.flaw]
        if not left:
            break
        asleep = {one.pid for one in left if is_stuck(one, unwakeable)}
        stuck |= asleep
        for one in left:
            if one.pid in asleep:
                say(
                    f"process {one.pid} waits in the kernel (state D):"
                    " no signal was sent"
                )
            else:
                say(one.send(number))
        if len(asleep) < len(left):
            _wait_for(left, seconds)
    _tell_ends(grips, stuck, say)


def _tell_ends(
    grips: Sequence[Grip], stuck: set[int], say: Callable[[str], None]
) -> None:
    left = [one for one in grips if not one.ended]
    for one in grips:
        if one.ended:
            say(f"process {one.pid} ended")
    if left:
        why = (
            "waits in the kernel (state D); only a reboot ends it"
            if stuck & {one.pid for one in left}
            else "did not end at SIGKILL"
        )
        flaw = left[0].flaw or f"cannot end process {left[0].pid}: it {why}"
        raise EffectFailed(flaw)


def is_stuck(grip: Grip, seconds: float) -> bool:
    """Tell whether a process waits in the kernel for that long."""
    give_up = time.monotonic() + seconds
    while not grip.ended:
        stat = stat_of(grip.pid)
        if stat is None or stat.state != "D":
            return False
        if time.monotonic() >= give_up:
            return True
        time.sleep(_LOOK_AGAIN)
    return False


def _wait_for(grips: Sequence[Grip], seconds: float) -> None:
    """Wait until all ended, or the seconds are over."""
    give_up = time.monotonic() + seconds
    waiting = select.poll()
    left = {one.descriptor for one in grips if not one.ended}
    for descriptor in left:
        waiting.register(descriptor, select.POLLIN)
    while left and time.monotonic() < give_up:
        remaining = max(0.0, give_up - time.monotonic())
        for descriptor, _ in waiting.poll(remaining * 1000):
            waiting.unregister(descriptor)
            left.discard(descriptor)
