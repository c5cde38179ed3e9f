"""Prometheus' door: what is known, as text for a scrape."""

from collections.abc import Callable
from threading import Lock

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import (
    CONTENT_TYPE_PLAIN_0_0_4,
    generate_latest,
)

from monitor.engine.board import Board
from monitor.engine.events import Event
from monitor.outputs.diagnoses import Diagnoses
from monitor.outputs.harmless import Harmless
from monitor.outputs.metrics.breath import joined
from monitor.outputs.metrics.ledger import Ledger, Planned
from monitor.outputs.metrics.monitor import Own, Self
from monitor.outputs.metrics.recovery import Recovery, Standings, none_known
from monitor.ports import Clock

_no_created_series: Callable[[], None] = disable_created_metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def _nothing_planned(_: str) -> bool:
    return False


class Metrics:
    """Hears what happens and renders what is known.

    `planned` says whether work on a target is planned now, `ward` what is
    wrong with it, `standing` what may still be done to which servers; all
    are asked from the thread that renders. `process` adds the process' own
    series (process_*, python_info).
    """

    def __init__(  # noqa: PLR0913 - its doors, one keyword each
        self,
        board: Board,
        clock: Clock,
        me: Self,
        *,
        planned: Planned = _nothing_planned,
        ward: Diagnoses | None = None,
        standing: Standings = none_known,
        process: bool = True,
    ) -> None:
        _no_created_series()
        self._clock = clock
        self._harmless = Harmless("a metric broke; please report this")
        self._ledger = Ledger(board, planned, self._harmless, ward)
        self._recovery = Recovery(standing)
        self._registry = CollectorRegistry()
        self._own = Own(self._registry, board, clock, me)
        self._one_at_a_time = Lock()
        if process:
            ProcessCollector(registry=self._registry)
            PlatformCollector(registry=self._registry)

    def heard(self, event: Event) -> None:
        """Write an event into the lines it changes; never raises."""
        with self._harmless:
            self._own.heard(event)
            self._ledger.heard(event)
            self._recovery.heard(event)

    def render(self) -> bytes:
        """Return the exposition in Prometheus' text format.

        May be called from any thread, and should not be on the event loop.
        """
        with self._one_at_a_time:
            now = self._clock.now()
            parts = self._ledger.parts(now)
            with self._harmless:
                self._recovery.ask(now)
            parts += self._recovery.parts()
            parts.append(generate_latest(self._registry))
            return joined(parts)
