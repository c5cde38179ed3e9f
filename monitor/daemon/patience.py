"""How many looks make an opinion about a server: its status settings say."""

from monitor.config.sections.targets import Target
from monitor.domain.judgement import Patience


def patience_of(target: Target) -> Patience:
    """Return what a server's quick checks have in common."""
    asked = target.status
    return Patience(
        failures=asked.failures,
        successes=asked.successes,
        confirm_interval=asked.confirm_interval,
    )
