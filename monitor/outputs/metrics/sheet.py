"""The sheet that one scrape is written on."""

from collections.abc import Iterator, Mapping

from prometheus_client.metrics_core import Metric

from monitor.outputs.metrics.families import FAMILIES

Labels = tuple[tuple[str, str], ...]


class Sheet:
    """Collects samples by metric; absent values are left out.

    A series is written once: of two GPUs with one (masked) uuid the first
    counts, for Prometheus refuses a scrape that repeats a series.
    """

    def __init__(self) -> None:
        self._samples: dict[str, dict[Labels, float]] = {}

    def put(
        self, name: str, value: float | None, labels: Mapping[str, str]
    ) -> None:
        """Write a sample. None means there is no fact to report."""
        if value is None:
            return
        samples = self._samples.setdefault(name, {})
        samples.setdefault(tuple(labels.items()), float(value))

    def metrics(self) -> Iterator[Metric]:
        """Return what was written, in the order of the table."""
        for name, family in FAMILIES.items():
            samples = self._samples.get(name)
            if not samples:
                continue
            metric = Metric(
                name.removesuffix("_total"), family.help, family.kind
            )
            for labels, value in samples.items():
                metric.add_sample(name, dict(labels), value)
            yield metric
