"""Process numbers that no process on a real Linux can have.

The processes of a simulated host are not real; no action may hit another
one by its number.
"""

_FIRST = 4_194_305
"""First pid that Linux never gives out (PID_MAX_LIMIT + 1)."""
_HOSTS = 5000
_STEP = 11


class Pids:
    """Gives out the pids of one host, never one twice."""

    def __init__(self, host: str) -> None:
        self._next = _FIRST + sum(host.encode()) % _HOSTS

    def take(self) -> int:
        """Return a pid that is higher than those before."""
        pid = self._next
        self._next += _STEP
        return pid
