"""The FaceFusion process and its unit, from one start to the next."""

from dataclasses import dataclass, replace

TICKS = 100
"""Clock ticks a second, as getconf CLK_TCK says on Linux."""


_SUB_STATES = {
    "active": "running",
    "activating": "auto-restart",
    "failed": "failed",
    "inactive": "dead",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process by what never changes; times are Unix times.

    `busy_before` is for how many seconds jobs had run when it began.
    """

    pid: int
    started_at: float
    start_ticks: int
    busy_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a process ended, in systemd's words."""

    result: str
    code: str
    status: int


CRASH = End(result="exit-code", code="exited", status=1)
KILLED = End(result="signal", code="killed", status=9)
OOM = End(result="oom-kill", code="killed", status=9)
REFUSED = End(result="exit-code", code="exited", status=2)
"""What a FaceFusion does that lacks something."""
STOPPED = End(result="success", code="exited", status=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The unit: its process, None after it ended, and how the last did.

    `restarts` counts those of systemd, which starts it again if `again`.
    """

    process: Process | None = None
    ended: End | None = None
    since: float = 0.0
    restarts: int = 0
    again: bool = False

    def started(self, process: Process, now: float) -> "Service":
        """Return the unit with a new process."""
        return replace(self, process=process, ended=None, since=now)

    def over(self, how: End, now: float, *, again: bool = False) -> "Service":
        """Return the unit after its process ended."""
        return replace(self, process=None, ended=how, since=now, again=again)

    @property
    def active_state(self) -> str:
        """Return systemd's first word for it."""
        if self.process is not None:
            return "active"
        if self.again:
            return "activating"
        failed = self.ended is not None and self.ended is not STOPPED
        return "failed" if failed else "inactive"

    @property
    def sub_state(self) -> str:
        """Return systemd's second word for it."""
        return _SUB_STATES[self.active_state]
