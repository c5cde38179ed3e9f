"""Judgement: when many looks become one opinion, and when we change it.

The thresholds are those of DESIGN §4.5: bad after `failures` in a row, good
after `successes`, looked at again soon while the opinion is changing.
"""

from dataclasses import dataclass, replace

from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Observation

RECENT = 20
"""How many past results a track keeps (Icinga scores flapping over 20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many looks it takes to change our mind.

    `confirm_interval` is in seconds. A degraded look counts through
    `degraded_of`: (3, 5) means three of the last five.
    """

    failures: int = 3
    successes: int = 2
    confirm_interval: float = 2.0
    degraded_of: tuple[int, int] = (3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The opinion about one check, and what it rests on.

    `since` is the Unix time in seconds when the opinion was formed, None
    before the first look. `recent` holds what the last looks said, newest
    last; looks that could not tell are left out.
    """

    health: Health = Health.UNKNOWN
    since: float | None = None
    because: str = "not looked at yet"
    recent: tuple[Health, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """We changed our mind about a check."""

    key: CheckKey
    at: float
    before: Health
    after: Health
    because: str


def judge(
    track: Track, seen: Observation, patience: Patience
) -> tuple[Track, Transition | None]:
    """Return the new track and, when the opinion changed, the transition."""
    if seen.health is Health.UNKNOWN:
        return track, None
    recent = (*track.recent, seen.health)[-RECENT:]
    health = _opinion(track.health, recent, patience)
    if health is track.health:
        return replace(track, recent=recent), None
    changed = Track(
        health=health, since=seen.at, because=seen.because, recent=recent
    )
    return changed, Transition(
        key=seen.key,
        at=seen.at,
        before=track.health,
        after=health,
        because=seen.because,
    )


def is_changing(track: Track, patience: Patience) -> bool:
    """Return whether the last look disagrees with the opinion.

    While it does, the check is looked at again after `confirm_interval`.
    A disagreement older than it takes to decide is none any more: then the
    opinion was kept on purpose.
    """
    if not track.recent:
        return False
    last = track.recent[-1]
    if last is track.health:
        return False
    run = _run(track.recent, last)
    return run < max(patience.failures, patience.successes)


def _opinion(
    held: Health, recent: tuple[Health, ...], patience: Patience
) -> Health:
    if _bad_run(recent) >= patience.failures:
        return Health.UNHEALTHY
    enough, window = patience.degraded_of
    strained = sum(h is not Health.HEALTHY for h in recent[-window:])
    good = _run(recent, Health.HEALTHY)
    if held is Health.UNKNOWN and good:
        return Health.HEALTHY
    if held is Health.UNHEALTHY and not _recovering(recent, patience):
        return held
    if strained >= enough and recent[-1] is Health.DEGRADED:
        return Health.DEGRADED
    if held is not Health.HEALTHY and good >= patience.successes:
        return Health.HEALTHY
    return held


def _bad_run(recent: tuple[Health, ...]) -> int:
    return _run(recent, Health.UNHEALTHY)


def _recovering(recent: tuple[Health, ...], patience: Patience) -> bool:
    tail = recent[-patience.successes :]
    return len(tail) >= patience.successes and Health.UNHEALTHY not in tail


def _run(recent: tuple[Health, ...], health: Health) -> int:
    count = 0
    for seen in reversed(recent):
        if seen is not health:
            break
        count += 1
    return count
