"""What several checks say together: how something is, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.health import Health, worst
from monitor.engine.entry import Entry
from monitor.web.telling.checks import age, because


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """How a target or host is.

    `since` and `seen_at` are Unix times in seconds, `age` is in seconds.
    """

    health: Health
    since: float | None
    because: str
    seen_at: float | None
    age: float | None


def of_checks(
    entries: Sequence[Entry], now: float, health: Health | None = None
) -> Overall:
    """Return what checks say together.

    `health` is given where it is more than the worst of them.
    """
    if health is None:
        health = worst(entry.health(now) for entry in entries)
    seen_at = max((e.seen.at for e in entries if e.seen), default=None)
    deciding = [e for e in entries if e.health(now) is health]
    if not deciding:  # one that is worse on its own counts for less
        deciding = [
            e for e in entries if worst((e.health(now), health)) is not health
        ]
    return Overall(
        health=health,
        since=_since(deciding, health),
        because=_because(entries, deciding, now),
        seen_at=seen_at,
        age=age(seen_at, now),
    )


def diagnosed(overall: Overall, diagnosis: Diagnosis) -> Overall:
    """Return how a target is by its diagnosis.

    Where nothing is wrong the checks say so in their own words, and also
    while a change of health is not believed yet.
    """
    if diagnosis.is_well or overall.health is not diagnosis.health:
        return overall
    known = overall.health is not Health.UNKNOWN
    return replace(
        overall,
        since=diagnosis.since if known else None,
        because=diagnosis.because,
    )


def _since(deciding: Sequence[Entry], health: Health) -> float | None:
    """Return when the first went bad, or when the last became good."""
    times = [e.track.since for e in deciding if e.track.since is not None]
    if health is Health.UNKNOWN or not times:
        return None
    return max(times) if health is Health.HEALTHY else min(times)


def _depth(entry: Entry) -> bool:
    """Put the process first: that it ended says why nobody answers."""
    healthy = entry.track.health is Health.HEALTHY
    return healthy or entry.check.key.check != "process"


def _because(
    entries: Sequence[Entry], deciding: Sequence[Entry], now: float
) -> str:
    if not entries:
        return "nothing looks at it"
    first = min(deciding, key=_depth, default=entries[0])
    said = f"{first.check.key.check}: {because(first, now)}"
    others = len(deciding) - 1
    if first.health(now) in {Health.HEALTHY, Health.UNKNOWN} or others < 1:
        return said
    return f"{said} (and {others} more)"
