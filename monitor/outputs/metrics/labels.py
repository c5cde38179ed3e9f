"""The labels that say what a series is about."""

from monitor.domain.observation import CheckKey, Kind
from monitor.outputs.metrics.text import Labels, labels


def about(key: CheckKey) -> Labels:
    """Return `{target=…}` or `{host=…}`; nothing for the monitor itself."""
    if key.kind is Kind.MONITOR:
        return labels()
    return labels(**{key.kind.value: key.subject})
