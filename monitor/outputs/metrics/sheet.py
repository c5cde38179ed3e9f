"""The sheet that one subject's lines are written on."""

from monitor.outputs.metrics.text import Labels, encoded, line


class Sheet:
    """Collects lines by metric; absent values are left out.

    A series is written once: of two GPUs with one (masked) uuid the first
    counts, for Prometheus refuses a scrape that repeats a series.
    """

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[str, dict[str, str]] = {}

    def put(
        self,
        name: str,
        value: float | None,
        labels: Labels,
        suffix: str = "",
    ) -> None:
        """Write a sample. None means there is no fact to report.

        `suffix` is what a histogram's samples add to its name.
        """
        if value is None:
            return
        written = self._lines.setdefault(name, {})
        series = suffix + labels.text
        if series not in written:
            written[series] = line(name + suffix, labels, value)

    def blocks(self) -> dict[str, bytes]:
        """Return what was written, a block a metric."""
        return {
            name: encoded("".join(written.values()))
            for name, written in self._lines.items()
        }
