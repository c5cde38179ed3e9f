"""The sheet that one scrape is written on."""

from collections.abc import Iterator, Mapping

from prometheus_client.metrics_core import Metric

from monitor.outputs.metrics.families import FAMILIES


class Sheet:
    """Collects samples by metric; absent values are left out."""

    def __init__(self) -> None:
        self._samples: dict[str, list[tuple[Mapping[str, str], float]]] = {}

    def put(
        self, name: str, value: float | None, labels: Mapping[str, str]
    ) -> None:
        """Write a sample. None means there is no fact to report."""
        if value is None:
            return
        self._samples.setdefault(name, []).append((labels, float(value)))

    def metrics(self) -> Iterator[Metric]:
        """Return what was written, in the order of the table."""
        for name, family in FAMILIES.items():
            samples = self._samples.get(name)
            if not samples:
                continue
            metric = Metric(
                name.removesuffix("_total"), family.help, family.kind
            )
            for labels, value in samples:
                metric.add_sample(name, dict(labels), value)
            yield metric
