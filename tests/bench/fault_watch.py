"""Who sees a fault, names it, and pages for it, and after how long."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from tests.bench.fault_town import SLOW, Town, target
from tests.servers.prometheus import Alert

OURS = "facefusion-monitor"
THEIRS = "Prometheus + blackbox_exporter"
PAGES_OF = {
    "FaceFusionPageCritical": OURS,
    "FaceFusionPageWarning": OURS,
    "ProbeFailed": THEIRS,
    "ProbeSlow": THEIRS,
}
WAKES = frozenset({"FaceFusionPageCritical", "ProbeFailed"})
"""Alerts that are critical; the others wait for the morning."""
_LOOKS = (
    "facefusion_up|facefusion_probe_success|facefusion_canary_success"
    "|facefusion_canary_output_valid"
)
SEEN_BY = {
    OURS: " or ".join(
        (
            f'{{__name__=~"{_LOOKS}"}} == 0',
            'facefusion_health{state="healthy"} == 0',
            "facefusion_gpu_fault == 1",
            "facefusion_canary_benchmark_ratio > 1.5",
            'facefusion_diagnosis{cause!="none"} == 1',
        )
    ),
    THEIRS: f"probe_success == 0 or probe_duration_seconds > {SLOW}",
}
"""A first bad series, in Prometheus."""
DIAGNOSIS = 'facefusion_diagnosis{cause!="none"} == 1'
EVERY = 1.0


@dataclass(frozen=True, kw_only=True)
class Page:
    """An alert that fired, seconds after the fault."""

    cause: str
    wakes: bool
    after: float


@dataclass(kw_only=True)
class Sight:
    """What one watcher made of one fault.

    `seen` is in seconds after it. `pages` are known by name, labels and
    beginning: an alert that resolves and fires again is two.
    """

    seen: float | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    diagnosis: str = ""

    def page(self, alert: Alert, after: float) -> None:
        """Count an alert that fires, once."""
        which = f"{sorted(alert.labels.items())}{alert.began}"
        said = Page(
            cause=alert.labels.get("cause", alert.name),
            wakes=alert.name in WAKES,
            after=after,
        )
        self.pages.setdefault(which, said)

    def after(self, *, wakes: bool) -> float | None:
        """Return when somebody was woken first, or only told."""
        times = [p.after for p in self.pages.values() if p.wakes is wakes]
        return min(times, default=None)

    def told(self) -> float | None:
        """Return when anything was said first."""
        return min((p.after for p in self.pages.values()), default=None)

    def woken(self) -> int:
        """Return how often somebody was woken."""
        return sum(page.wakes for page in self.pages.values())

    def causes(self) -> list[str]:
        """Return the causes that pages named, each once, in their order."""
        return list(dict.fromkeys(p.cause for p in self.pages.values()))


Sights = dict[str, dict[str, Sight]]
"""By watcher and fault."""


async def watch(town: Town, window: float) -> Sights:
    """Break everything, and note what Prometheus knows of it."""
    names = [target(name) for name in town.fleet.hosts]
    sights = {who: {n: Sight() for n in names} for who in (OURS, THEIRS)}
    begun = time.monotonic()
    town.break_all()
    while (after := time.monotonic() - begun) < window:
        with suppress(httpx.HTTPError):  # a busy machine: ask again
            await _note(town, sights, after)
        await asyncio.sleep(EVERY)
    return sights


async def _note(town: Town, sights: Sights, after: float) -> None:
    for alert in await town.prometheus.alerts():
        who = PAGES_OF.get(alert.name)
        if who is not None and alert.fires:
            sights[who][target(alert.labels["target"])].page(alert, after)
    for who, expression in SEEN_BY.items():
        found = await town.prometheus.query(expression)
        for name in _whose(found):
            sight = sights[who][name]
            sight.seen = after if sight.seen is None else sight.seen
    for labels in await town.prometheus.query(DIAGNOSIS):
        sights[OURS][target(labels["target"])].diagnosis = labels["cause"]


def _whose(found: Iterable[object]) -> set[str]:
    """Return the faults that series are about, by target or host."""
    names = set()
    for labels in found:
        assert isinstance(labels, dict)
        whose = labels.get("target") or labels.get("host", "")
        names.add(target(whose.removesuffix("-gpu")))
    return names
