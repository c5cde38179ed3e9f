"""What a look at a process counts for beside what the server answers.

The two may contradict each other for good: the URL leads through a proxy, a
tunnel or a name that the host knows nothing of, the configured unit is not
the one that serves, or a dead server hides behind a page that says "ok".
"""

from monitor.domain.health import Health

_OF_REACH = frozenset(
    {"bound_to_loopback", "not_listening", "port_drift", "port_taken"}
)
"""Reasons why nobody should get an answer; one that came disproves them."""


def beside_status(
    process: Health,
    reason: str,
    *,
    since: float | None,
    status: Health,
    answered: float | None,
) -> Health:
    """Return how a check of a process counts for its server's health.

    `reason` is its last one and `since` when it went bad, `answered` when
    the status look that last succeeded began; Unix times in seconds.
    An answer from before the process went bad says nothing. One from after
    shows that clients get through: then no port is wrong, and a service
    that does not run makes its server degraded, neither down nor well.
    """
    if process is not Health.UNHEALTHY or status is not Health.HEALTHY:
        return process
    if since is None or answered is None or answered <= since:
        return process
    return Health.UNKNOWN if reason in _OF_REACH else Health.DEGRADED
