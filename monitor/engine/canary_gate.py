"""Before a canary runs: whether the server is busy, and what is left."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from monitor.domain.canary import budget, busy
from monitor.domain.canary.budget import Share, Spent
from monitor.domain.canary.busy import MOST_SKIPS, Signs
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track, is_changing
from monitor.domain.observation import CheckKey, Kind, Reading
from monitor.domain.status import StatusReading
from monitor.engine.board import STATUS, Board
from monitor.engine.canary_runs import CanaryRuns
from monitor.engine.check import Check, Held
from monitor.engine.events import Event, Looked, Rewired, Skipped
from monitor.ports import Clock

CANARY = "canary"
BUSY = "busy"
BUDGET = "budget"
GPU = "gpu"


class CanaryGate:
    """Lets a canary run or says why not: a `monitor.engine.check.Hold`.

    It hears every event. What the board shows is taken for somebody else's
    work only when it was seen while no canary of ours ran on that host.
    """

    def __init__(self, *, clock: Clock, board: Board) -> None:
        self._clock = clock
        self._board = board
        self._shares: dict[str, Share] = {}
        self._runs = CanaryRuns()
        self._skips: defaultdict[tuple[CheckKey, str], int] = defaultdict(int)
        self._pressed: dict[CheckKey, str] = {}

    def furnish(self, shares: Iterable[Share]) -> None:
        """Take the budgets of these servers, and forget all others."""
        self._shares = {share.target: share for share in shares}
        self._runs.keep(self._shares)

    def __call__(self, check: Check) -> Held | None:
        """Return why a canary must not run now; None for other checks."""
        share = self._shares.get(check.key.subject)
        if check.kind != CANARY or share is None:
            return None
        now = self._clock.now()
        doing = busy.busy(self._signs(share, now))
        held = self._held(check, share, doing, now)
        if held is not None:
            self._skips[check.key, held.reason] += 1
            return held
        self._forget_skips(check.key)
        self._pressed[check.key] = doing
        self._runs.let(check, now)
        return None

    def busy(self, key: CheckKey) -> str:
        """Return what the server did when a run was let through anyway."""
        return self._pressed.get(key, "")

    def heard(self, event: Event) -> None:
        """Take in what ran, what did not, and what is gone."""
        if isinstance(event, Rewired):
            for key in event.checks:
                self._drop(key)
                self._forget_skips(key)
        elif isinstance(event, Skipped) and event.reason != "overlap":
            self._drop(event.check.key)
        elif isinstance(event, Looked) and event.check.kind == CANARY:
            self._drop(event.check.key)
            self._runs.ended(event.check, event.seen, self._clock.now())

    def _drop(self, key: CheckKey) -> None:
        self._runs.withdraw(key)
        self._pressed.pop(key, None)

    def _held(
        self, check: Check, share: Share, doing: str, now: float
    ) -> Held | None:
        if doing and not self._skipped(check.key, BUSY):
            because = f"the server is busy: {doing}"
            return Held(reason=BUSY, because=because)
        because = self._over(check, share, now)
        spared = self._skipped(check.key, BUDGET) and self._is_bad(check)
        if because and not spared:
            return Held(reason=BUDGET, because=because)
        return None

    def _skipped(self, key: CheckKey, reason: str) -> bool:
        """Return whether it was held back often enough for this."""
        return self._skips.get((key, reason), 0) >= MOST_SKIPS

    def _forget_skips(self, key: CheckKey) -> None:
        for reason in (BUSY, BUDGET):
            self._skips.pop((key, reason), None)

    def _over(self, check: Check, share: Share, now: float) -> str:
        mine = list(self._runs.recent([share.target], now))
        if check.key not in {run.key for run in mine}:
            return ""
        if self._confirms(check):
            return ""
        group = budget.together(share, self._shares.values())
        others = [s.target for s in group if s.target != share.target]
        shared = self._runs.recent(others, now)
        spent = Spent(
            own=sum(run.gpu for run in mine),
            others=sum(run.gpu for run in shared),
            servers=len(group),
        )
        return budget.over(share, spent)

    def _track(self, check: Check) -> Track:
        entry = self._board.find(check.key)
        return Track() if entry is None else entry.track

    def _confirms(self, check: Check) -> bool:
        track = self._track(check)
        return not track.flapping and is_changing(track, check.patience)

    def _is_bad(self, check: Check) -> bool:
        bad = {Health.DEGRADED, Health.UNHEALTHY}
        return self._track(check).health in bad

    def _signs(self, share: Share, now: float) -> Signs:
        status = CheckKey(kind=Kind.TARGET, subject=share.target, check=STATUS)
        cards = CheckKey(kind=Kind.HOST, subject=share.host, check=GPU)
        seen = self._foreign(share, status, now)
        waiting = seen.queue_size if isinstance(seen, StatusReading) else None
        reading = self._foreign(share, cards, now)
        return Signs(queue_size=waiting, loads=tuple(_loads(reading, share)))

    def _foreign(
        self, share: Share, key: CheckKey, now: float
    ) -> Reading | None:
        """Return a fresh reading that shows no run of ours."""
        entry = self._board.find(key)
        seen = entry.fresh(now) if entry else None
        if seen is None:
            return None
        ours = self._runs.during(self._neighbours(share), seen, now)
        return None if ours else seen.reading

    def _neighbours(self, share: Share) -> set[str]:
        """Return the servers on the same host, this one included."""
        same = {
            one.target
            for one in self._shares.values()
            if share.host and one.host == share.host
        }
        return same | {share.target}


def _loads(reading: Reading | None, share: Share) -> Iterator[float]:
    """Yield the utilisation of the GPUs that a server uses."""
    if not isinstance(reading, GpuReading):
        return
    for gpu in reading.gpus:
        used = {gpu.index, gpu.uuid} & set(share.gpus)
        if gpu.utilization_ratio is not None and (used or not share.gpus):
            yield gpu.utilization_ratio
