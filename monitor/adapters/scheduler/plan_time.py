"""The time that the plan is made in: it never jumps."""

from datetime import datetime, timedelta, tzinfo

from typing_extensions import override

from monitor.ports import Clock

_NOTHING = timedelta(0)


class PlanTime(tzinfo):
    """The time since the plan was begun, told as a time of day.

    APScheduler plans in the time of day. Set back an hour, it would wait
    until the old time comes again; set forward a day, it would work out
    each of the missed runs. It asks `datetime.now(zone)` what the time is,
    and Python asks the zone: this one answers by the monotonic clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.monotonic()
        self._start = datetime(2000, 1, 1, tzinfo=self)

    def planned(self, at: float) -> datetime:
        """Return the plan time of a Unix time, as the clock stands now."""
        return self._now() + timedelta(seconds=at - self._clock.now())

    def unix(self, planned: datetime) -> float:
        """Return the Unix time of a plan time, as the clock stands now."""
        return self._clock.now() - (self._now() - planned).total_seconds()

    def _now(self) -> datetime:
        passed = self._clock.monotonic() - self._begun
        return self._start + timedelta(seconds=passed)

    @override
    def fromutc(self, _: datetime, /) -> datetime:
        """Return what `datetime.now` shall say."""
        return self._now()

    @override
    def utcoffset(self, _: datetime | None, /) -> timedelta:
        """Return nothing: the plan knows no other zones."""
        return _NOTHING

    @override
    def dst(self, _: datetime | None, /) -> timedelta:
        """Return nothing: the plan knows no summer time."""
        return _NOTHING

    @override
    def tzname(self, _: datetime | None, /) -> str:
        """Return the name for APScheduler's own messages."""
        return "plan"


class Grid:
    """Runs at `first` and every `interval` after it, as a trigger.

    However long the loop was held, the last run that is due is found at
    once; APScheduler's own trigger goes through all of them.
    """

    def __init__(self, first: datetime, interval: timedelta) -> None:
        self._first = first
        self._interval = interval

    def get_next_fire_time(
        self, previous: datetime | None, now: datetime
    ) -> datetime:
        """Return the run after `previous`, or the last one until `now`."""
        if previous is None:
            return self._first
        behind = (now - previous) // self._interval
        return previous + max(1, behind) * self._interval
