"""When a server's address was last silent altogether."""

from dataclasses import dataclass

from monitor.domain.observation import Kind, Observation

_SILENT = frozenset({"timeout", "unreachable", "resolve"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """`silent_at` is when a look ended that nobody at all answered.

    A Unix time in seconds. Only the look at the way counts: a server that
    hangs is connected to.
    """

    silent_at: float | None = None

    def learn(self, seen: Observation) -> "Outage":
        """Return this after a look at the way to the server."""
        is_way = (seen.key.kind, seen.probe) == (Kind.TARGET, "network")
        if not is_way or seen.reason not in _SILENT:
            return self
        return Outage(silent_at=seen.at + seen.duration)
