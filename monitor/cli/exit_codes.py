"""What the exit codes mean."""

from monitor.domain.health import Health

OK = 0
FAILED = 1
USAGE = 64
"""EX_USAGE of sysexits.h; never 2, which is unhealthy."""
CONFIGURATION = 78
"""EX_CONFIG of sysexits.h."""
INTERRUPTED = 130

OF_HEALTH = {
    Health.HEALTHY: 0,
    Health.DEGRADED: 1,
    Health.UNHEALTHY: 2,
    Health.UNKNOWN: 3,
}
"""The Nagios plugin codes: OK, WARNING, CRITICAL, UNKNOWN."""
