"""Planned work: windows of time with an end, over some of the fleet."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from monitor.domain.errors import MonitorError
from monitor.domain.fleet import Target

LONGEST = 30 * 86_400.0
"""Seconds a window may last: a forgotten one hides a broken server."""
FARTHEST = 366 * 86_400.0
"""Seconds ahead that work may be planned."""
ROUNDING = 1.0
"""Seconds that adding a length to a date may be off, and nobody minds."""
FIRST_DATE, LAST_DATE = -62_135_596_800.0, 253_402_300_799.0
"""Unix times of the years 1 and 9999: RFC 3339 writes no others."""
NAMES_SHOWN = 5
"""Unknown names that an error repeats."""


class CannotPlan(MonitorError):
    """A maintenance window that makes no sense, and what would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which targets: any that is named, is on a host, or has the labels.

    `labels` must all match; the three ways add up.
    """

    targets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()

    def matches(self, target: Target) -> bool:
        """Return whether a target is meant."""
        if target.name in self.targets or target.host in self.hosts:
            return True
        return bool(self.labels) and set(self.labels) <= set(target.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch of planned work; times are Unix times in seconds.

    `by` is who asked for it. `ended_at` is set when it was ended early.
    """

    id: str
    starts_at: float
    ends_at: float
    selector: Selector
    reason: str
    by: str
    created_at: float
    ended_at: float | None = None

    @property
    def end(self) -> float:
        """Return when it ends or ended, a Unix time in seconds."""
        if self.ended_at is None:
            return self.ends_at
        return min(self.ended_at, self.ends_at)

    def holds(self, now: float) -> bool:
        """Return whether it is under way."""
        return self.starts_at <= now < self.end


def has_dates(window: Window) -> bool:
    """Return whether all its times can be written as dates."""
    times = [window.starts_at, window.ends_at, window.created_at]
    if window.ended_at is not None:
        times.append(window.ended_at)
    return all(FIRST_DATE <= at <= LAST_DATE for at in times)


def check_window(
    window: Window,
    now: float,
    targets: Mapping[str, Target],
    hosts: Collection[str],
) -> None:
    """Raise `CannotPlan` for times or a selector that make no sense."""
    check_times(window, now)
    selector = window.selector
    _check_names("target", selector.targets, targets)
    _check_names("host", selector.hosts, hosts)
    if selector.hosts or any(map(selector.matches, targets.values())):
        return
    raise CannotPlan(
        "cannot start maintenance: its selector matches nothing; name a"
        " target, a host, or labels that a target has"
    )


def check_times(window: Window, now: float) -> None:
    """Raise `CannotPlan` for times that make no sense."""
    for flaw in _flaws_of_times(window, now):
        raise CannotPlan(f"cannot start maintenance: {flaw}")


def _flaws_of_times(window: Window, now: float) -> Iterator[str]:
    start, end = window.starts_at, window.ends_at
    if not (isfinite(start) and isfinite(end)):
        yield "its times are no times; give Unix times or dates"
    if end <= now:
        yield "its end is in the past; give one that is still to come"
    if end <= start:
        yield "it ends before it starts; give a later end"
    if now - start > LONGEST + ROUNDING:
        yield (
            f"it started more than {LONGEST / 86_400:g} days ago; give a"
            " later start"
        )
    if end - max(start, now) > LONGEST + ROUNDING:
        yield (
            f"it lasts longer than {LONGEST / 86_400:g} days; give an"
            " earlier end, it can be started again"
        )
    if start - now > FARTHEST:
        yield (
            f"it starts more than {FARTHEST / 86_400:g} days ahead; give"
            " an earlier start"
        )


def _check_names(
    what: str, names: Iterable[str], known: Collection[str]
) -> None:
    unknown = sorted({name for name in names if name not in known})
    if not unknown:
        return
    shown = ", ".join(map(repr, unknown[:NAMES_SHOWN]))
    if len(unknown) > NAMES_SHOWN:
        shown += f" and {len(unknown) - NAMES_SHOWN} more"
    raise CannotPlan(
        f"cannot start maintenance: no {what} is named {shown};"
        f" see the list of {what}s"
    )
