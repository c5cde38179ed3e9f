"""A process that serves, and how we hear its end."""

from __future__ import annotations

import os
import select

from monitor.gate.processes import stat_of

_GONE = "ZX"
"""States of processes that run no more."""


def pidfd_of(pid: int) -> int | None:
    """Return a descriptor that is ready when a process ends.

    None where Python (before 3.9) or the kernel (before 5.3) has none.
    """
    opener = getattr(os, "pidfd_open", None)
    try:
        return None if opener is None else int(opener(pid))
    except OSError:
        return None


def is_ready(descriptor: int) -> bool:
    """Tell whether there is something to read, without waiting."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class Held:
    """A process that serves, and that we hear the end of."""

    def __init__(self, found: dict[str, object]) -> None:
        self.pid = int(str(found["pid"]))
        self.start_ticks = found["start_ticks"]
        self.started_at = found["started_at"]
        self.sure = bool(found["sure"])
        self.descriptor = pidfd_of(self.pid)

    def ended(self) -> bool:
        """Tell whether it ended, also when another has its number now."""
        if self.descriptor is not None:
            return is_ready(self.descriptor)
        return not self.is_there()

    def is_there(self) -> bool:
        """Tell whether /proc shows this very process, and alive."""
        stat = stat_of(self.pid)
        if stat is None or stat.state in _GONE:
            return False
        return stat.start_ticks == self.start_ticks

    def let_go(self) -> None:
        """Close the descriptor."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
