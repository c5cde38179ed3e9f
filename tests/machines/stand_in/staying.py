"""A process that holds GPU memory and stays, as it is told to.

STAND_IN_STAYS in its environment is JSON: `card` and `memory` (megabytes),
`ignore` (names of signals), `waits` (in the kernel, for a driver that does
not answer).
"""

import json
import os
import signal
from pathlib import Path

try:
    from .gpu_memory import hold
except ImportError:  # run by a program that is no package
    from gpu_memory import hold  # type: ignore[import-not-found, no-redef]

TOLD = "STAND_IN_STAYS"
COMPUTE = Path("/dev/driver/compute")


def is_told() -> bool:
    return TOLD in os.environ


def stay() -> int:
    """Never return, but where it waited in the kernel and was let go."""
    told = json.loads(os.environ.get(TOLD, "{}"))
    for name in told.get("ignore", ()):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    # It wakes a wait in the kernel, which then ends for nobody.
    signal.signal(signal.SIGUSR1, lambda *_: None)
    if told.get("memory"):
        hold(told.get("card", 0), told["memory"])
    if told.get("waits"):
        COMPUTE.read_bytes()
        return 0
    while True:
        signal.pause()
