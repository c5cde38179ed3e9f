"""Series about the canaries: the last run beside the benchmark."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics.histogram import Buckets
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.lines import Lines
from monitor.outputs.metrics.sheet import Sheet

BOUNDS = (0.5, 1, 2, 3, 4, 4.5, 5, 6, 7.5, 10, 15, 30, 60, 120, 300)
"""Seconds; DESIGN §3.4."""
REASONS = ("overlap", "target_busy", "host_busy", "busy", "budget")
"""Why a run may be skipped, known before it happens."""
_DONE = (Result.OK, Result.COLD, Result.SLOW, Result.UNVERIFIED)
_PRODUCED = (*_DONE, Result.INVALID_OUTPUT)


def seconds(run: CanaryReading) -> float | None:
    """Return how long a job took that produced something.

    A server that fails at once is not fast.
    """
    return run.duration if run.result in _PRODUCED else None


def _zeros(names: Iterable[str]) -> Counter[str]:
    return Counter(dict.fromkeys(names, 0))


@dataclass(slots=True)
class Counts:
    """What happened to one canary so far."""

    results: Counter[str] = field(default_factory=lambda: _zeros(Result))
    skips: Counter[str] = field(default_factory=lambda: _zeros(REASONS))
    durations: Buckets = field(default_factory=lambda: Buckets(BOUNDS))


class Canary:
    """The lines of one canary: its labels are those of its check."""

    def __init__(self, check: Check) -> None:
        named = {"canary": check.key.check.removeprefix("canary.")}
        more = named | dict(check.labels)
        self._labels = about(check.key).also(**more)
        self._skip_labels = about(check.key).also(canary=more["canary"])
        self.counts = Counts()

    def go_on(self, former: Lines) -> None:
        """Take over the counts of a check that had the same series."""
        if isinstance(former, Canary):
            self.counts = former.counts

    def looked(self, event: Looked) -> None:
        """Count a run by what came of it."""
        self.counts.results[_result(event.seen)] += 1
        run = event.seen.reading
        took = seconds(run) if isinstance(run, CanaryReading) else None
        if took is not None:
            self.counts.durations.observe(took)

    def skipped(self, event: Skipped) -> None:
        """Count a run that was due and not taken."""
        self.counts.skips[event.reason] += 1

    def lasting(self, sheet: Sheet, entry: Entry, _: Board) -> None:
        """Write counters, times and what is configured."""
        prefix, labels = "facefusion_canary_", self._labels
        for result, count in self.counts.results.items():
            ended = labels.also(result=result)
            sheet.put(f"{prefix}runs_total", count, ended)
        for reason, count in self.counts.skips.items():
            why = self._skip_labels.also(reason=reason)
            sheet.put(f"{prefix}skipped_total", count, why)
        self.counts.durations.write(sheet, f"{prefix}duration_seconds", labels)
        ran = entry.seen.at if entry.seen else None
        sheet.put(f"{prefix}last_run_timestamp_seconds", ran, labels)
        interval = entry.check.interval
        sheet.put(f"{prefix}interval_seconds", interval, labels)
        self._benchmark(sheet, entry)

    def passing(self, sheet: Sheet, seen: Observation) -> None:
        """Write what the run showed."""
        prefix, labels, run = "facefusion_canary_", self._labels, seen.reading
        if not isinstance(run, CanaryReading):
            if seen.health is not Health.UNKNOWN:  # no fault of ours
                sheet.put(f"{prefix}success", 0, labels)
            return
        sheet.put(f"{prefix}last_duration_seconds", seconds(run), labels)
        sheet.put(f"{prefix}success", run.result in _DONE, labels)
        sheet.put(f"{prefix}output_valid", run.output_valid, labels)
        sheet.put(f"{prefix}benchmark_ratio", run.ratio, labels)
        sheet.put(f"{prefix}baseline_seconds", run.baseline, labels)

    def _benchmark(self, sheet: Sheet, entry: Entry) -> None:
        limits = entry.check.benchmark or ()
        for bound, limit in zip(("low", "high"), limits, strict=False):
            name = "facefusion_canary_benchmark_seconds"
            sheet.put(name, limit, self._labels.also(bound=bound))


def _result(seen: Observation) -> Result:
    """Return how a run ended; one that the watch ended has no reading."""
    if isinstance(seen.reading, CanaryReading):
        return seen.reading.result
    return Result.TIMEOUT if seen.reason == "timeout" else Result.ERROR
