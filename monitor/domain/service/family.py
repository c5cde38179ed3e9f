"""Which processes a server started, and they in turn."""

from monitor.domain.service.reading import ServiceReading


def family(reading: ServiceReading) -> frozenset[int]:
    """Return the pids of the server and of what descends from it."""
    server = reading.server
    if server is None:
        return frozenset()
    known = {server.pid}
    while (
        fresh := {one.pid for one in reading.processes if one.ppid in known}
        - known
    ):
        known |= fresh
    return frozenset(known)
