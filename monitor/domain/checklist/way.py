"""The way to a server: ping, its port, and its certificate."""

from dataclasses import replace

from monitor.domain.checklist.line import Line, line_of
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Observation

_NO_PING = "; no ping: "
"""What stands before the reason in `judge_network`'s sentence."""


def network_lines(seen: Observation, place: str) -> tuple[Line, ...]:
    """Return ping and port; `place` is the address and port, in words."""
    reading = seen.reading
    if not isinstance(reading, NetworkReading):
        return (line_of(seen),)
    return (_ping(seen, reading), _port(seen, reading, place))


def tls_line(seen: Observation) -> Line:
    """Return what the certificate is worth, of a server with https."""
    reading = seen.reading
    whole = line_of(seen, check="certificate")
    if isinstance(reading, NetworkReading) and reading.tcp_round_trip is None:
        return replace(
            whole,
            health=Health.UNKNOWN,
            because="no connection to look at a certificate",
            reason="unseen",
        )
    return whole


def _ping(seen: Observation, reading: NetworkReading) -> Line:
    """Return the ping, which proves a way and never that there is none."""
    line = line_of(seen, check="ping")
    if reading.ping_round_trip is not None:
        lost = f", {reading.ping_loss:.0%} lost" if reading.ping_loss else ""
        took = f"takes {_milliseconds(reading.ping_round_trip)}{lost}"
        return replace(line, health=Health.HEALTHY, because=took, reason="")
    if reading.ping_loss is not None:
        because = "no answer, which some hosts never give"
        return replace(
            line, health=Health.UNKNOWN, because=because, reason="no_answer"
        )
    _, _, why = seen.because.partition(_NO_PING)
    return replace(
        line,
        health=Health.UNKNOWN,
        because=why or "cannot ping",
        reason="not_sent",
    )


def _port(seen: Observation, reading: NetworkReading, place: str) -> Line:
    line = line_of(seen, check="port")
    took = reading.tcp_round_trip
    if took is None:
        return replace(line, because=seen.because.partition(_NO_PING)[0])
    because = f"TCP {place} connects in {_milliseconds(took)}"
    return replace(line, health=Health.HEALTHY, because=because, reason="")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
