"""What is counted while it happens: runs, failures, skips, results."""

from collections import Counter

from monitor.domain.canary.reading import CanaryReading, Result
from monitor.engine.check import Check
from monitor.engine.events import Event, Looked, Skipped, Started
from monitor.outputs.metrics.canaries import labels_of
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.sheet import Labels, Sheet


class Tally:
    """Counters, kept by the labels of the contract."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Labels]] = Counter()

    def heard(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, Looked):
            self._looked(event)
        elif isinstance(event, Skipped):
            self._skipped(event)
        elif isinstance(event, Started):
            self._add("facefusion_monitor_missed_runs_total", event.missed)

    def write(self, sheet: Sheet) -> None:
        """Write the counts. A scrape runs beside the loop: on a copy."""
        for (name, labels), count in self._counts.copy().items():
            sheet.put(name, count, dict(labels))

    def _looked(self, event: Looked) -> None:
        run = event.seen.reading
        if isinstance(run, CanaryReading):
            self._ran(event, run)
        if event.check.kind == "canary":
            return
        labels = _probe(event.check)
        self._add("facefusion_probe_runs_total", 1, **labels)
        self._add(
            "facefusion_probe_failures_total",
            not event.seen.succeeded,
            **labels,
        )

    def _ran(self, event: Looked, run: CanaryReading) -> None:
        labels = labels_of(about(event.check.key), run)
        for result in Result:  # every result is there before it happens
            self._add(
                "facefusion_canary_runs_total",
                result is run.result,
                **labels,
                result=result.value,
            )

    def _skipped(self, event: Skipped) -> None:
        check = event.check
        if check.kind == "canary":
            self._add(
                "facefusion_canary_skipped_total",
                1,
                **about(check.key),
                canary=check.key.check.removeprefix("canary."),
                reason=event.reason,
            )
            return
        self._add(
            "facefusion_probe_skipped_total",
            1,
            **_probe(check),
            reason=event.reason,
        )

    def _add(self, name: str, count: int, **labels: str) -> None:
        self._counts[name, tuple(labels.items())] += count


def _probe(check: Check) -> dict[str, str]:
    return {**about(check.key), "probe": check.kind}
