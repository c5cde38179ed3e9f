"""Judgement: when many looks become one opinion, and when we change it.

The thresholds are those of DESIGN §4.5: bad after `failures` in a row, good
after `successes`, looked at again soon while the opinion is changing.

A check whose looks keep disagreeing flaps: its opinion is held, so that
nobody is told the same thing again and again. Held is not hidden. Looks that
agree for `PATIENCE_WHILE_FLAPPING` times as long as usual are believed all the
same: an outage shows after twice the failures, however wild it was before.
"""

from dataclasses import dataclass
from itertools import pairwise

from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Observation

RECENT = 20
"""How many past results a track keeps (Icinga scores flapping over 20)."""
FLAPS_ABOVE = 0.30
CALM_UP_TO = 0.25
"""Scores at which flapping begins and ends: Icinga's 30 % and 25 %, as read in
facts/probing.md. From calm on that is the sixth change in short order."""
OLDEST_WEIGHT = 80
WEIGHT_STEP = 2
"""Hundredths that the oldest change counts, and each newer one more: Icinga 2
weighs 0.8 and 0.02. Whole numbers, so that a score is exact."""
PATIENCE_WHILE_FLAPPING = 2
"""How many times as many agreeing looks a flapping check needs."""


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
    last; looks that could not tell are left out. `score` says how often they
    changed, from 0 to 1, newer changes counting more; `flapping` that they
    did so too often, and the opinion is held.
    """

    health: Health = Health.UNKNOWN
    since: float | None = None
    because: str = "not looked at yet"
    recent: tuple[Health, ...] = ()
    flapping: bool = False
    score: float = 0.0


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
    score = flapping_score(recent)
    flaps = score > (CALM_UP_TO if track.flapping else FLAPS_ABOVE)
    decide = _opinion_while_flapping if flaps else _opinion
    health = decide(track.health, recent, patience)
    changed = None
    if health is not track.health:
        changed = _transition(track.health, health, seen)
    return Track(
        health=health,
        since=track.since if changed is None else seen.at,
        because=_because(track, seen, flaps=flaps, changed=changed),
        recent=recent,
        flapping=flaps,
        score=score,
    ), changed


def flapping_score(recent: tuple[Health, ...]) -> float:
    """Return how often the looks changed, from 0 to 1, newest last.

    Icinga 2's measure: every change counts, a newer one more, beside the
    most that `RECENT` results could be. A short history counts as calm.
    """
    newest = RECENT - 1
    weights = [
        OLDEST_WEIGHT + WEIGHT_STEP * (newest - age)
        for age, (now, before) in enumerate(pairwise(reversed(recent)))
        if now is not before
    ]
    return sum(weights) / (100 * RECENT)


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
    if track.flapping:
        return run < _calm_run(patience)
    return run < max(patience.failures, patience.successes)


def _transition(
    before: Health, after: Health, seen: Observation
) -> Transition:
    return Transition(
        key=seen.key,
        at=seen.at,
        before=before,
        after=after,
        because=seen.because,
    )


def _because(
    track: Track,
    seen: Observation,
    *,
    flaps: bool,
    changed: Transition | None,
) -> str:
    """Return why the opinion is what it is now."""
    if changed is not None:
        return seen.because
    if flaps:
        return (
            f"flapping, so the opinion is held at {track.health.value}; "
            f"the last look: {seen.because}"
        )
    if track.flapping:
        return f"flapping no more: {seen.because}"
    return seen.because if seen.health is track.health else track.because


def _opinion_while_flapping(
    held: Health, recent: tuple[Health, ...], patience: Patience
) -> Health:
    calm = set(recent[-_calm_run(patience) :])
    return calm.pop() if len(calm) == 1 else held


def _calm_run(patience: Patience) -> int:
    usual = max(patience.failures, patience.successes)
    return min(PATIENCE_WHILE_FLAPPING * usual, RECENT)


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
