"""Where the FaceFusion of a simulated machine listens, as its faults say."""

from typing import Literal

from monitor.simulator.faults import Faults
from monitor.simulator.machine.process import (
    CRASH,
    KILLED,
    OOM,
    REFUSED,
    STOPPED,
    End,
)

DOWN: dict[str, End] = {
    "refused": CRASH,
    "process_killed": KILLED,
    "oom_killed": OOM,
    "operator_stop": STOPPED,
    "rebooting": STOPPED,
}
"""The faults under which FaceFusion does not run, and how it ended."""
LOOPING: dict[str, End] = {
    "crash_loop": CRASH,
    "model_corrupt": CRASH,
    "dependency_missing": REFUSED,
}
"""The faults under which no start of it succeeds, and how each ends."""
SILENT = ("hang", "suspended", "video")
"""The faults under which connections are accepted, never answered."""

Where = Literal["everywhere", "loopback", "next", "nowhere"]
ELSEWHERE: dict[str, Where] = {
    "not_listening": "nowhere",
    "restart": "nowhere",
    "loopback_only": "loopback",
    "port_drift": "next",
    "port_taken": "next",
}
_SHUT = (*DOWN, *LOOPING, *ELSEWHERE.keys() - {"port_taken"})
TURNING = (*_SHUT, "port_taken")
"""The faults that open and shut its port."""


def is_down(faults: Faults) -> bool:
    """Return whether FaceFusion is not there, so that nothing listens."""
    return any(map(faults.is_on, DOWN))


def is_shut(faults: Faults) -> bool:
    """Return whether clients elsewhere find its port closed."""
    return any(map(faults.is_on, _SHUT))


def is_silent(faults: Faults) -> bool:
    """Return whether it accepts connections and answers none."""
    return any(map(faults.is_on, SILENT))


def where(faults: Faults) -> Where:
    """Return where its process listens."""
    if any(map(faults.is_on, LOOPING)):
        return "nowhere"
    found = (at for name, at in ELSEWHERE.items() if faults.is_on(name))
    return next(found, "everywhere")
