"""How often one caller may ask: token buckets on a clock that is given."""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from starlette.exceptions import HTTPException

from monitor.ports import Clock

MOST_CALLERS = 10_000
"""Buckets kept; the one that was used longest ago goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `burst` at once, `per_second` in the long run."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often, for each caller.

    `reads` and `writes` are a token's (a peer's without tokens), `failures`
    a peer's wrong tokens, `looks` a check's looks out of schedule.
    """

    reads: Rate = Rate(per_second=100, burst=500)
    writes: Rate = Rate(per_second=5, burst=30)
    failures: Rate = Rate(per_second=1, burst=30)
    looks: Rate = Rate(per_second=0.1, burst=3)


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Buckets:
    """One bucket a caller."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Take one; return 0, or the seconds until there is one again."""
        rate, now = self._rate, self._clock.monotonic()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(rate.burst, now)
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(caller)
        gained = (now - bucket.at) * rate.per_second
        bucket.level = min(rate.burst, bucket.level + gained)
        bucket.at = now
        if bucket.level < 1:
            return (1 - bucket.level) / rate.per_second
        bucket.level -= 1
        return 0.0


class Limits:
    """What every request of the API is held against."""

    def __init__(self, rates: Rates, clock: Clock) -> None:
        self._reads = Buckets(rates.reads, clock)
        self._writes = Buckets(rates.writes, clock)
        self._failures = Buckets(rates.failures, clock)
        self._looks = Buckets(rates.looks, clock)

    def spend(self, token: str, peer: str, *, reads: bool) -> None:
        """Count a request. Raises 429."""
        buckets = self._reads if reads else self._writes
        _refuse(buckets.wait(f"{token} {peer}"), "answer so many requests")

    def spend_failure(self, peer: str) -> None:
        """Count a wrong token. Raises 429."""
        _refuse(self._failures.wait(peer), "answer so many wrong tokens")

    def spend_look(self, check: str) -> None:
        """Count a look out of schedule. Raises 429."""
        _refuse(self._looks.wait(check), f"look at {check} so often")


def _refuse(wait: float, what: str) -> None:
    if wait <= 0:
        return
    seconds = ceil(wait)
    raise HTTPException(
        429,
        f"cannot {what}; try again in {seconds} s",
        {"Retry-After": str(seconds)},
    )
