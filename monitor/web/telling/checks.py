"""Checks and looks on the wire."""

from monitor.domain.health import Health
from monitor.domain.judgement import Transition
from monitor.domain.observation import Observation
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.schemas import check as wire
from monitor.schemas import observation as seen_wire
from monitor.schemas.wire import maybe_utc, utc
from monitor.web.telling import readings


def age(at: float | None, now: float) -> float | None:
    """Return seconds since then; None for never and for the future."""
    if at is None or at > now:
        return None
    return round(now - at, 3)


def tell_check(entry: Entry, now: float) -> wire.Check:
    """Return a check, what it last saw and what we think of it."""
    health = entry.health(now)
    known = health is not Health.UNKNOWN
    check, seen, track = entry.check, entry.seen, entry.track
    return wire.Check(
        name=check.key.check,
        probe=check.kind,
        health=health,
        since=maybe_utc(track.since) if known else None,
        because=because(entry, now),
        flapping=track.flapping,
        interval_seconds=check.interval,
        timeout_seconds=check.timeout,
        last_success_at=maybe_utc(entry.last_success),
        last=tell_seen(seen, now, fresh=entry.fresh(now) is not None)
        if seen
        else None,
        last_skipped=tell_skip(entry.skipped, now) if entry.skipped else None,
    )


def because(entry: Entry, now: float) -> str:
    """Return why a check is as it is; one that is unknown says why."""
    if entry.health(now) is not Health.UNKNOWN:
        return entry.track.because
    fresh = entry.fresh(now)
    if fresh is not None:
        return f"not decided yet: {fresh.because}"
    if entry.seen is None and entry.told_at is None:
        return "not looked at yet"
    return "nothing was seen for too long to know"


def tell_seen(
    seen: Observation, now: float, *, fresh: bool = True
) -> seen_wire.Observation:
    """Return one look."""
    return seen_wire.Observation(
        at=utc(seen.at),
        age_seconds=age(seen.at, now),
        duration_seconds=round(seen.duration, 6),
        fresh=fresh,
        succeeded=seen.succeeded,
        health=seen.health,
        reason=seen.reason,
        because=seen.because,
        reading=readings.tell(seen.reading),
    )


def tell_skip(skipped: Skipped, now: float) -> seen_wire.Skip:
    """Return a run that did not happen."""
    return seen_wire.Skip(
        at=utc(skipped.at),
        age_seconds=age(skipped.at, now),
        reason=skipped.reason,
        because=skipped.because,
    )


def tell_transition(changed: Transition, now: float) -> seen_wire.Transition:
    """Return a change of opinion."""
    return seen_wire.Transition(
        check=changed.key.check,
        at=utc(changed.at),
        age_seconds=age(changed.at, now),
        before=changed.before,
        after=changed.after,
        because=changed.because,
    )


def tell_looked(looked: Looked, now: float) -> wire.LookResult:
    """Return a look that was asked for, and what it changed."""
    track, changed = looked.track, looked.changed
    return wire.LookResult(
        at=utc(now),
        target=looked.check.key.subject,
        check=looked.check.key.check,
        observation=tell_seen(looked.seen, now),
        health=track.health,
        since=maybe_utc(track.since),
        because=track.because,
        changed=tell_transition(changed, now) if changed else None,
    )
