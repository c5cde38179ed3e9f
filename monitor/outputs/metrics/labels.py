"""The labels that say what a series is about."""

from monitor.domain.observation import CheckKey


def about(key: CheckKey) -> dict[str, str]:
    """Return `{target: …}` or `{host: …}`."""
    return {key.kind.value: key.subject}
