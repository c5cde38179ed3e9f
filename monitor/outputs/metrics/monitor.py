"""Series about the monitor itself, through prometheus_client."""

from collections import Counter as Count
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from monitor.domain.alerts.alert import Outcome
from monitor.engine.board import Board
from monitor.engine.events import AlertsTold, Event, Started
from monitor.outputs.metrics.blind import Blind
from monitor.outputs.metrics.families import OWN
from monitor.ports import Clock

SSH_STATES = ("connected", "connecting", "down")
LAG_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)
"""Seconds."""
PREFIX = "facefusion_monitor_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """What the monitor knows of itself.

    `reloaded` returns whether the last configuration was accepted, and the
    Unix time in seconds of the last one that was. `ssh_states` returns one
    word a host. `loop_lag` returns how late in seconds the event loop was
    at worst of late. All are asked from another thread, at every scrape.
    """

    version: str
    ssh_states: Callable[[], Sequence[str]]
    reloaded: Callable[[], tuple[bool, float]]
    loop_lag: Callable[[], float]


class Own(Collector):
    """Counts alerts and how the schedule keeps up; asks for the rest."""

    def __init__(
        self, registry: CollectorRegistry, board: Board, clock: Clock, me: Self
    ) -> None:
        self._board = board
        self._blind = Blind(board, clock)
        self._me = me
        missed, lag = (
            f"{PREFIX}missed_runs_total",
            f"{PREFIX}schedule_lag_seconds",
        )
        self._missed = Counter(missed, OWN[missed].help, registry=registry)
        self._lag = Histogram(
            lag, OWN[lag].help, buckets=LAG_BOUNDS, registry=registry
        )
        alerts = f"{PREFIX}alerts_received_total"
        self._alerts = Counter(
            alerts, OWN[alerts].help, ("outcome",), registry=registry
        )
        for outcome in Outcome:
            self._alerts.labels(outcome.value)
        registry.register(self)

    def heard(self, event: Event) -> None:
        """Count it, or note what could not be stored."""
        self._blind.heard(event)
        if isinstance(event, AlertsTold):
            self._alerts.labels(event.outcome.value).inc(event.count)
        elif isinstance(event, Started):
            self._lag.observe(event.lag)
            if event.missed:
                self._missed.inc(event.missed)

    @override
    def collect(self) -> Iterator[Metric]:
        """Say how it is now."""
        me = self._me
        yield _gauge("build_info", 1, version=me.version)
        good, at = me.reloaded()
        yield _gauge("config_last_reload_successful", good)
        yield _gauge("config_last_reload_success_timestamp_seconds", at)
        yield _gauge("owned_targets", len(self._board.targets))
        yield _ssh(me.ssh_states())
        yield _gauge("loop_lag_seconds", me.loop_lag())
        yield _gauge("blind", self._blind.is_blind(me.loop_lag()))

    def describe(self) -> Iterator[Metric]:
        """Say nothing at registration: nobody can be asked yet."""
        return iter(())


def _gauge(name: str, value: float, **labels: str) -> Metric:
    name = f"{PREFIX}{name}"
    metric = GaugeMetricFamily(name, OWN[name].help, labels=tuple(labels))
    metric.add_metric(tuple(labels.values()), value)
    return metric


def _ssh(states: Sequence[str]) -> Metric:
    name, count = f"{PREFIX}ssh_connections", Count(states)
    metric = GaugeMetricFamily(name, OWN[name].help, labels=("state",))
    for state in SSH_STATES:
        metric.add_metric((state,), count[state])
    return metric
