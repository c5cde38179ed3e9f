"""Whether a running service can be spoken to on its port."""

from collections.abc import Collection, Iterable
from ipaddress import IPv6Address, ip_address

from monitor.domain.health import Health
from monitor.domain.machine.finding import Finding
from monitor.domain.machine.words import length
from monitor.domain.service.asked import Asked
from monitor.domain.service.family import family
from monitor.domain.service.reading import Listener, Process, ServiceReading
from monitor.domain.service.sight import cannot_see

DRIFT = 100
"""Gradio tries this many ports from the one it was given
(facts/facefusion.md §1.3)."""


def listening(reading: ServiceReading, asked: Asked) -> Finding | None:
    """Return what is wrong with the listeners, None when they serve.

    A container's listener counts whatever its number: the port seen from
    outside is a published one.
    """
    if any(_places(reading)):
        return _bound_to_loopback(reading, asked)
    if reading.port_taken_by:
        return _unhealthy(
            "port_taken",
            f"port {asked.port} is taken by {reading.port_taken_by}"
            f"{_instead(reading)}",
        )
    if reading.listeners and _is_behind_proxy(reading):
        return None
    return _port_drift(reading, asked) or _silent(reading, asked)


def _places(
    reading: ServiceReading,
) -> tuple[list[Listener], list[Listener]]:
    """Return what listens in its container, and what outside on its port.

    A client needs both where there are both. What else listens in the
    container, an sshd or a proxy, is not what we look for.
    """
    its = family(reading)
    inside = [
        one
        for one in reading.listeners
        if one.in_container and _is_of(one, reading.server, its)
    ]
    outside = [
        one
        for one in reading.listeners
        if one.port == reading.port and not one.in_container
    ]
    return inside, outside


def _is_of(
    listener: Listener, server: Process | None, its: Collection[int]
) -> bool:
    """Whether a listener is the server's, as far as that can be seen."""
    if server is None:
        return True
    if listener.pid is not None:
        return listener.pid in its
    return listener.uid is None or listener.uid == server.uid


def _bound_to_loopback(
    reading: ServiceReading, asked: Asked
) -> Finding | None:
    if asked.is_loopback:
        return None
    for ours in _places(reading):
        if ours and all(is_loopback(one.address) for one in ours):
            return _unhealthy(
                "bound_to_loopback",
                f"{asked.words} listens on {_addresses(ours)} only: nobody "
                "else reaches it; set GRADIO_SERVER_NAME or the server's "
                "host setting",
            )
    return None


def is_loopback(address: str) -> bool:
    """Return whether an address is reached from its own machine only."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback


def _is_behind_proxy(reading: ServiceReading) -> bool:
    """Somebody without a name may be a proxy: who it is, only root sees.

    Not where our own is on a port just above: then it is known to look for
    a free one.
    """
    holder = reading.port_holder
    if holder is None:
        return False
    return bool(holder.name) or not _drifted(reading)


def _port_drift(reading: ServiceReading, asked: Asked) -> Finding | None:
    drifted = _drifted(reading)
    if not drifted:
        return None
    return _unhealthy(
        "port_drift",
        f"{asked.words} listens on {_addresses(drifted)} and not on port "
        f"{asked.port}, which was not free when it started",
    )


def _drifted(reading: ServiceReading) -> list[Listener]:
    """Return its own listeners just above its port.

    Where only the user is known they may be another program's.
    """
    above = range(reading.port + 1, reading.port + DRIFT)
    return [
        one
        for one in reading.listeners
        if one.port in above and one.pid is not None and not one.in_container
    ]


def _silent(reading: ServiceReading, asked: Asked) -> Finding:
    if cannot_see(reading, "listener"):
        return Finding(
            health=Health.UNKNOWN,
            because="who listens could not be seen",
            reason="unseen",
        )
    age = _age(reading)
    where = f"port {asked.port}"
    if age is None:
        return Finding(
            health=Health.UNKNOWN,
            because=f"nothing listens on {where}, and when {asked.words} "
            "started is not known",
            reason="not_listening",
        )
    if age < asked.start_grace:
        return Finding(
            health=Health.DEGRADED,
            because=f"{asked.words} started {length(age)} ago and does not "
            f"listen on {where} yet",
            reason="starting",
        )
    return _unhealthy(
        "not_listening",
        f"{asked.words} runs since {length(age)} and does not listen on "
        f"{where}{_instead(reading)}",
    )


def _age(reading: ServiceReading) -> float | None:
    """Return for how many seconds it runs, by the host's own clock."""
    server, unit = reading.server, reading.unit
    started = server.started_at if server else unit.since if unit else None
    if started is None or reading.now is None:
        return None
    return max(0.0, reading.now - started)


def _instead(reading: ServiceReading) -> str:
    if not reading.listeners:
        return ""
    return f"; it or its user listens on {_addresses(reading.listeners)}"


_NAMED = 3
"""Addresses that a sentence names."""


def _addresses(listeners: Iterable[Listener]) -> str:
    places = sorted({_place(one) for one in listeners})
    others = len(places[_NAMED:])
    more = f" and {others} more" if others else ""
    return ", ".join(places[:_NAMED]) + more


def _place(listener: Listener) -> str:
    address = listener.address
    return f"{f'[{address}]' if ':' in address else address}:{listener.port}"


def _unhealthy(reason: str, because: str) -> Finding:
    return Finding(health=Health.UNHEALTHY, because=because, reason=reason)
