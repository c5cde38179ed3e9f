"""What a look at the network means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.certificate import DAY, Certificate
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.network import (
    NetworkReading,
    NetworkSeen,
    Pinged,
    judge_network,
)

NOW = 1_800_000_000.0
PING = Pinged(round_trip=0.0002, loss=0.0)
LOST = Pinged(round_trip=None, loss=1.0)
GOOD = Certificate(
    not_before=NOW - 30 * DAY, not_after=NOW + 60 * DAY, names=("gpu1",)
)
EXPIRED = Certificate(
    not_before=NOW - 90 * DAY, not_after=NOW - DAY, names=("gpu1",)
)


def error(reason: str) -> CannotReach:
    return CannotReach(f"cannot reach gpu1:9002: {reason}", reason=reason)


def seen(
    *,
    tcp: float | CannotReach = 0.0004,
    ping: Pinged | CannotReach = PING,
    certificate: Certificate | CannotReach | None = None,
) -> NetworkSeen:
    return NetworkSeen(
        host="gpu1", tcp=tcp, ping=ping, certificate=certificate
    )


def test_a_server_over_http_needs_a_connection_and_no_certificate() -> None:
    verdict = judge_network(seen(), NOW)

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.because == "connected in 0.4 ms; ping takes 0.2 ms"
    assert verdict.reading == NetworkReading(
        tcp_round_trip=0.0004, ping_round_trip=0.0002, ping_loss=0.0
    )


def test_a_good_certificate_is_part_of_a_good_way() -> None:
    verdict = judge_network(seen(certificate=GOOD), NOW)

    assert verdict.health is Health.HEALTHY
    assert "the certificate is valid for 60 days" in verdict.because
    assert verdict.reading.certificate == GOOD


@pytest.mark.parametrize(
    "reason", ["refused", "timeout", "unreachable", "resolve", "reset"]
)
def test_no_connection_is_unhealthy_and_says_what_the_ping_says(
    reason: str,
) -> None:
    verdict = judge_network(seen(tcp=error(reason)), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNHEALTHY, reason)
    assert verdict.because == (
        f"cannot reach gpu1:9002: {reason}; ping takes 0.2 ms"
    )
    assert verdict.reading.tcp_round_trip is None
    assert verdict.reading.ping_round_trip == 0.0002


def test_our_own_trouble_tells_nothing_about_the_server() -> None:
    verdict = judge_network(seen(tcp=error("failed")), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "failed")


def test_a_handshake_that_fails_is_unhealthy() -> None:
    verdict = judge_network(seen(certificate=error("tls")), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNHEALTHY, "tls")
    assert verdict.reading.tcp_round_trip == 0.0004
    assert verdict.reading.certificate is None


def test_no_connection_is_told_before_a_bad_certificate() -> None:
    verdict = judge_network(
        seen(tcp=error("refused"), certificate=EXPIRED), NOW
    )

    assert verdict.reason == "refused"
    assert verdict.reading.certificate == EXPIRED


def test_a_bad_certificate_is_what_it_is() -> None:
    verdict = judge_network(seen(certificate=EXPIRED), NOW)

    assert (verdict.health, verdict.reason) == (
        Health.UNHEALTHY,
        "tls_expired",
    )


@pytest.mark.parametrize(
    ("ping", "words"),
    [
        (LOST, "ping gets no answer, which some hosts never give"),
        (Pinged(round_trip=0.001, loss=1 / 3), "1.0 ms, 33% lost"),
        (error("forbidden"), "no ping: cannot reach gpu1:9002: forbidden"),
    ],
)
def test_a_lost_or_forbidden_ping_alone_is_no_fault(
    ping: Pinged | CannotReach, words: str
) -> None:
    verdict = judge_network(seen(ping=ping), NOW)

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.because.endswith(words)


def test_a_ping_that_gets_no_answer_keeps_its_loss() -> None:
    reading = judge_network(seen(ping=LOST), NOW).reading

    assert (reading.ping_round_trip, reading.ping_loss) == (None, 1.0)


def test_a_forbidden_ping_has_no_loss() -> None:
    reading = judge_network(seen(ping=error("forbidden")), NOW).reading

    assert (reading.ping_round_trip, reading.ping_loss) == (None, None)


ERRORS = st.sampled_from(["refused", "timeout", "tls", "failed"]).map(error)
SECONDS = st.floats(min_value=0, max_value=100)


@given(
    tcp=SECONDS | ERRORS,
    ping=ERRORS
    | st.builds(
        Pinged,
        round_trip=st.none() | SECONDS,
        loss=st.floats(min_value=0, max_value=1),
    ),
    certificate=st.sampled_from([None, GOOD, EXPIRED]) | ERRORS,
)
def test_health_and_reason_go_together_and_the_ping_changes_neither(
    tcp: float | CannotReach,
    ping: Pinged | CannotReach,
    certificate: Certificate | CannotReach | None,
) -> None:
    verdict = judge_network(
        seen(tcp=tcp, ping=ping, certificate=certificate), NOW
    )
    pinged = judge_network(seen(tcp=tcp, certificate=certificate), NOW)

    assert bool(verdict.reason) == (verdict.health is not Health.HEALTHY)
    assert (verdict.health, verdict.reason) == (pinged.health, pinged.reason)
