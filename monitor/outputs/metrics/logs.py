"""Series about a FaceFusion server's log and its jobs folder."""

from collections.abc import Iterable

from monitor.domain.joblog.kinds import WORDS, is_bad
from monitor.domain.joblog.reading import JobsReading
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels

Counts = tuple[tuple[str, int], ...]


def events(
    sheet: Sheet, counts: Iterable[tuple[str, int]], target: Labels
) -> None:
    """Write how many lines of each kind there were.

    Those that tell of trouble are there from 0 on, so that their first line
    shows in rate(). The others appear when they happen: a thousand servers
    would else have 13,000 series that nobody alerts on.
    """
    known = dict.fromkeys(WORDS, 0) | dict(counts)
    for kind, count in known.items():
        if count or is_bad(kind):
            labels = target.also(kind=kind)
            sheet.put("facefusion_log_events_total", count, labels)


def jobs(sheet: Sheet, seen: JobsReading, target: Labels) -> None:
    """Write how many jobs are in which state; unread ones have none."""
    for status, count in seen.counts:
        sheet.put("facefusion_jobs", count, target.also(status=status))
