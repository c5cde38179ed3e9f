"""Prometheus' door: what is known, as text for a scrape."""

from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import (
    CONTENT_TYPE_PLAIN_0_0_4,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from monitor.domain.canary.reading import CanaryReading
from monitor.engine.board import Board
from monitor.engine.events import Event, Looked, Started
from monitor.outputs.metrics import canaries, gpus, monitor, probes, servers
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.monitor import Self
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.tally import Tally
from monitor.ports import Clock

_no_created_series: Callable[[], None] = disable_created_metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
CANARY_BOUNDS = (*(0.5, 1, 2, 3, 4, 4.5, 5, 6, 7.5, 10, 15, 30, 60, 120, 300),)
"""Seconds; DESIGN §3.4."""
LAG_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)
"""Seconds."""


class _Board(Collector):
    """Writes a fresh sheet for every scrape: nothing can go stale in it."""

    def __init__(
        self, board: Board, clock: Clock, tally: Tally, me: Self
    ) -> None:
        self._board = board
        self._clock = clock
        self._tally = tally
        self._me = me

    @override
    def collect(self) -> Iterator[Metric]:
        sheet, now = Sheet(), self._clock.now()
        servers.write(sheet, self._board, now)
        probes.write(sheet, self._board, now)
        canaries.write(sheet, self._board, now)
        gpus.write(sheet, self._board, now)
        monitor.write(sheet, self._board, self._me)
        self._tally.write(sheet)
        return sheet.metrics()

    def describe(self) -> Iterator[Metric]:
        """Say nothing at registration: the board is not filled yet."""
        return iter(())


class Metrics:
    """Hears what happens and renders what is known.

    `process` adds the process' own series (process_*, python_info).
    """

    def __init__(
        self, board: Board, clock: Clock, me: Self, *, process: bool = True
    ) -> None:
        _no_created_series()
        self._tally = Tally()
        self._registry = CollectorRegistry()
        self._canaries = Histogram(
            "facefusion_canary_duration_seconds",
            "Seconds between sending a job and its answer.",
            ("target", "canary", "operation", "model"),
            buckets=CANARY_BOUNDS,
            registry=self._registry,
        )
        self._lag = Histogram(
            "facefusion_monitor_schedule_lag_seconds",
            "How late scheduled runs began.",
            buckets=LAG_BOUNDS,
            registry=self._registry,
        )
        self._registry.register(_Board(board, clock, self._tally, me))
        if process:
            ProcessCollector(registry=self._registry)
            PlatformCollector(registry=self._registry)

    def heard(self, event: Event) -> None:
        """Count an event."""
        self._tally.heard(event)
        if isinstance(event, Started):
            self._lag.observe(event.lag)
        elif isinstance(event, Looked):
            self._ran(event)

    def render(self) -> bytes:
        """Return the exposition in Prometheus' text format."""
        return generate_latest(self._registry)

    def _ran(self, event: Looked) -> None:
        run = event.seen.reading
        if not isinstance(run, CanaryReading):
            return
        seconds = canaries.seconds(run)
        if seconds is not None:
            labels = canaries.labels_of(about(event.check.key), run)
            self._canaries.labels(**labels).observe(seconds)
