"""Whose the port of a server is, for a proof: stricter than for a look."""

from collections.abc import Sequence

from monitor.domain.service.family import family
from monitor.domain.service.listening import DRIFT
from monitor.domain.service.reading import Listener, ServiceReading


def is_owned(service: ServiceReading, port: int) -> bool:
    """Return whether the server, or a child of it, has its port.

    In a container any port counts: the one that clients use is published.
    A proxy on the port counts when the server listens behind it.
    """
    ours = [one for one in service.listeners if _is_ours(one, service)]
    if any(one.port == port or one.in_container for one in ours):
        return True
    return bool(ours) and _is_proxied(service, port, ours)


def drifted(service: ServiceReading, port: int) -> tuple[int, ...]:
    """Return the ports that the server has instead of its own."""
    if is_owned(service, port):
        return ()
    known = [
        one.port
        for one in service.listeners
        if one.pid is not None and _is_ours(one, service)
    ]
    return tuple(sorted(set(known)))


def _is_proxied(
    service: ServiceReading, port: int, ours: Sequence[Listener]
) -> bool:
    """Return whether a proxy has the port.

    One without a name may be one (only root sees who it is), but not where
    the server is just above: then it looked for a free port.
    """
    holder = service.port_holder
    if holder is None or service.port_taken_by:
        return False
    above = range(port + 1, port + DRIFT)
    return bool(holder.name) or all(one.port not in above for one in ours)


def _is_ours(listener: Listener, service: ServiceReading) -> bool:
    """Return whether it is the server's; where only a user is seen, his."""
    if listener.pid is not None:
        return listener.pid in family(service)
    server = service.server
    return server is not None and listener.uid in {None, server.uid}
