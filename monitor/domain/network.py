"""What the network on the way to a server shows, and what that means.

The TCP handshake and the certificate make the health: every client needs
them. The ping only explains it: hosts and routers drop or limit ICMP while
their services work, so a lost ping alone is no fault. A server that refuses
TCP is unhealthy here and in its status check; a target's health is the worst
of its checks, so nothing counts twice.
"""

from dataclasses import dataclass

from monitor.domain.certificate import Certificate, judge_certificate
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """What came back: the mean round trip in seconds, None for no answer.

    `loss` is the share that did not come back, from 0 to 1.
    """

    round_trip: float | None
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReading:
    """Round trips in seconds, loss as a share from 0 to 1.

    What may not be measured (no permission to ping) or got no answer is
    None. `certificate` is None for plain http.
    """

    tcp_round_trip: float | None = None
    ping_round_trip: float | None = None
    ping_loss: float | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSeen:
    """What one look at the way to `host` brought, or why it did not.

    `tcp` is in seconds; `certificate` is None for plain http.
    """

    host: str
    tcp: float | CannotReach
    ping: Pinged | CannotReach
    certificate: Certificate | CannotReach | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look at the network means.

    `reason` is empty when all is well, a word of `CannotReach` when the
    server cannot be reached, else one of `judge_certificate`.
    """

    health: Health
    because: str
    reason: str
    reading: NetworkReading


def judge_network(seen: NetworkSeen, now: float) -> Verdict:
    """Return what a look means at the Unix time `now` in seconds."""
    health, reason, because = _way(seen, now)
    return Verdict(
        health=health,
        because=f"{because}; {_about_ping(seen.ping)}",
        reason=reason,
        reading=_reading(seen),
    )


def _way(seen: NetworkSeen, now: float) -> tuple[Health, str, str]:
    if isinstance(seen.tcp, CannotReach):
        return _no_way(seen.tcp)
    if isinstance(seen.certificate, CannotReach):
        return _no_way(seen.certificate)
    connected = f"connected in {_milliseconds(seen.tcp)}"
    if seen.certificate is None:
        return Health.HEALTHY, "", connected
    found = judge_certificate(seen.certificate, seen.host, now)
    if found.reason:
        return found.health, found.reason, found.because
    return Health.HEALTHY, "", f"{connected}; {found.because}"


def _no_way(error: CannotReach) -> tuple[Health, str, str]:
    """Reason `failed` is our own fault and tells nothing about the way."""
    ours = error.reason == "failed"
    health = Health.UNKNOWN if ours else Health.UNHEALTHY
    return health, error.reason, str(error)


def _about_ping(ping: Pinged | CannotReach) -> str:
    if isinstance(ping, CannotReach):
        return f"no ping: {ping}"
    if ping.round_trip is None:
        return "ping gets no answer, which some hosts never give"
    lost = f", {ping.loss:.0%} lost" if ping.loss else ""
    return f"ping takes {_milliseconds(ping.round_trip)}{lost}"


def _reading(seen: NetworkSeen) -> NetworkReading:
    held, tcp, ping = seen.certificate, seen.tcp, seen.ping
    pinged = ping if isinstance(ping, Pinged) else None
    return NetworkReading(
        tcp_round_trip=None if isinstance(tcp, CannotReach) else tcp,
        ping_round_trip=pinged.round_trip if pinged else None,
        ping_loss=pinged.loss if pinged else None,
        certificate=None if isinstance(held, CannotReach) else held,
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
