"""First looks: for how long it is too early to think otherwise.

After a restart, a reload that changed a server's checks, or a jump of our
clock, one check alone would name another cause than all of them together.
"""

from collections.abc import Iterable

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.following import NO_DATA
from monitor.domain.health import BAD
from monitor.engine.evidence import CANARY
from monitor.ports import Clock

FIRST_LOOKS = 30.0
"""Seconds that checks get to be looked at."""
FIRST_CANARIES = 90.0
"""Seconds that canaries get of which ill was thought before: they begin
within a minute of a start, and one of them takes half a minute at most."""
JUMP = 10.0
"""Seconds by which our clock must jump to begin anew."""


class FirstLooks:
    """Knows since when each server waits; times are Unix times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}
        self._drift = self._drifts()

    def jumped(self) -> float:
        """Return by how many seconds our clock was set since last asked.

        0 for less than `JUMP`.
        """
        before, self._drift = self._drift, self._drifts()
        by = self._drift - before
        return by if abs(by) >= JUMP else 0.0

    def begin(self, names: Iterable[str]) -> None:
        """Wait for looks at these servers from now on."""
        now = self._clock.now()
        self._since |= dict.fromkeys(names, now)

    def forget(self, name: str) -> None:
        """Begin to wait when the server is next weighed."""
        self._since.pop(name, None)

    def are_awaited(
        self, case: Case, held: Diagnosis, fresh: Diagnosis
    ) -> bool:
        """Return whether it is too early to believe `fresh` over `held`.

        Of a server that nothing is known of yet, good news are believed at
        once.
        """
        since = self._since.setdefault(case.target.name, case.now)
        waited = case.now - since
        if held.cause == NO_DATA and fresh.is_well:
            return False
        if 0 <= waited < FIRST_LOOKS:
            return fresh.cause == NO_DATA or _are_missing(case)
        late = 0 <= waited < FIRST_CANARIES and not held.is_well
        return late and any(map(_is_recalled, case.canaries()))

    def _drifts(self) -> float:
        """Return what only changes when somebody sets the clock."""
        return self._clock.now() - self._clock.monotonic()


def _are_missing(case: Case) -> bool:
    looks = (*case.looks.values(), *case.host.values())
    others = (one for one in looks if one.probe != CANARY)
    return any(one.seen is None for one in others) or any(
        map(_is_recalled, case.canaries())
    )


def _is_recalled(look: Look) -> bool:
    """Return whether ill is thought of it from before, and not looked at."""
    return look.health in BAD and look.seen is None
