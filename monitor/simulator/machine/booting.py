"""A reboot that was asked for: down, away for a while, back by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.simulator.faults import Faults

Later = Callable[[float, Callable[[], None]], None]
"""Calls something so many seconds later."""

REBOOTED = frozenset(
    {
        *("gpu_lost", "nvidia_smi_hang", "driver_mismatch", "xid"),
        *("gpu_reset_required", "gpu_hardware"),
    }
)
"""Faults of the machine that are over once it was booted anew by a gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a reboot takes, in seconds.

    `answers`: until the machine goes down, as its gate answers before it
    does (monitor/gate/README.md, act); `away`: until it is back.
    """

    answers: float = 2.0
    away: float = 8.0


USUAL = Pace()


class Booting:
    """Reboots one machine; `heals` are the faults that are over then."""

    def __init__(
        self, faults: Faults, later: Later, heals: frozenset[str], pace: Pace
    ) -> None:
        self._faults = faults
        self._later = later
        self._heals = heals
        self._pace = pace

    def begin(self) -> None:
        """Let the machine go down in a moment, and come back."""
        self._later(self._pace.answers, self._go_down)

    def _go_down(self) -> None:
        self._faults.switch_on("rebooting")
        self._later(self._pace.away, self._come_back)

    def _come_back(self) -> None:
        """Heal while nobody sees it, then open the doors."""
        for name in self._heals.intersection(self._faults.active()):
            self._faults.switch_off(name)
        self._faults.switch_off("rebooting")
