"""The way to a server: firewalls and certificates."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from tests.domain.diagnosis.cases import (
    ALONE,
    DEGRADED,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    look,
    seen,
    service_reading,
    well,
)

HOSTED = ("process", "logs", "jobs", "host", "gpu")
PINGED = NetworkReading(ping_loss=0.0, ping_round_trip=0.001)
LOST = NetworkReading(ping_loss=1.0)
NO_PING = NetworkReading()


def blocked(
    *more: Look,
    status: str = "timeout",
    network: str = "timeout",
    reading: NetworkReading = LOST,
) -> Case:
    """Return a server that runs and cannot be reached from here."""
    return well(
        look("status", UNHEALTHY, reason=status, since=NOW - 5),
        look("network", UNHEALTHY, reason=network, reading=reading),
        *more,
    )


@pytest.mark.parametrize(
    ("reason", "how"),
    [("timeout", "dropped"), ("unreachable", "dropped"), ("refused",) * 2],
)
def test_what_listens_and_is_not_reached_is_blocked(
    reason: str, how: str
) -> None:
    found = diagnose(blocked(status=reason, network=reason))

    assert found.cause == "network_blocked"
    assert (found.health, found.severity) == (UNHEALTHY, "critical")
    assert found.remedies == ()
    assert "port 9002" in found.because
    assert how in found.because
    checks = {fact.key.check for fact in found.facts}
    assert checks == {"status", "network", "process"}


def test_a_process_not_looked_at_since_is_looked_at_first() -> None:
    found = diagnose(blocked(look("process", at=NOW - 20)))

    assert (found.cause, found.wants) == ("network_blocked", ("process",))


@pytest.mark.parametrize("reason", ["reset", "status_code", "resolve"])
def test_other_flaws_of_the_status_are_no_firewall(reason: str) -> None:
    assert diagnose(blocked(status=reason)).cause != "network_blocked"


def test_a_network_that_is_well_is_no_firewall() -> None:
    case = blocked(look("network"))

    assert diagnose(case).cause != "network_blocked"


def test_without_a_look_at_the_network_nothing_is_said_of_it() -> None:
    case = well(
        look("status", UNHEALTHY, reason="timeout"), without=("network",)
    )

    assert diagnose(case).cause != "network_blocked"


@pytest.mark.parametrize(
    "process",
    [
        look("process", reading=service_reading(listeners=[])),
        look(
            "process",
            DEGRADED,
            reason="uninterruptible",
            reading=service_reading(),
        ),
        look("process", last=seen("process", UNHEALTHY, reason="odd")),
        look(
            "process",
            last=seen(
                "process",
                UNHEALTHY,
                reason="zombie",
                reading=service_reading(),
            ),
        ),
    ],
    ids=["no listener", "not well", "unread", "just gone"],
)
def test_what_does_not_listen_for_sure_is_not_blocked(process: Look) -> None:
    found = diagnose(blocked(process, reading=PINGED))

    assert "network_blocked" not in {found.cause, *found.also}


def test_without_the_host_a_ping_tells_a_firewall_from_an_outage() -> None:
    status = look("status", UNHEALTHY, reason="timeout")

    def alone(reading: NetworkReading, reason: str = "timeout") -> str:
        network = look("network", UNHEALTHY, reason=reason, reading=reading)
        case = well(status, network, target=ALONE, without=HOSTED)
        return diagnose(case).cause

    assert alone(PINGED) == "network_blocked"
    assert alone(LOST) == "host_unreachable"
    assert alone(NO_PING) == "unexplained"
    assert alone(PINGED, "reset") == "unexplained"


def test_a_process_that_nobody_sees_leaves_it_to_the_ping() -> None:
    unseen = look("process", UNKNOWN, reason="auth")

    found = diagnose(blocked(unseen, reading=PINGED))

    assert found.cause == "network_blocked"
    assert "answers pings" in found.because


@pytest.mark.parametrize(
    ("health", "reason", "severity"),
    [
        (UNHEALTHY, "tls_expired", "critical"),
        (UNHEALTHY, "tls_not_yet_valid", "critical"),
        (UNHEALTHY, "tls_name", "critical"),
        (UNHEALTHY, "tls_untrusted", "critical"),
        (UNHEALTHY, "tls", "critical"),
        (DEGRADED, "tls_expiring", "warning"),
    ],
)
def test_a_certificate_that_clients_refuse_is_named(
    health: Health, reason: str, severity: str
) -> None:
    because = "the certificate is not what it should be"
    case = well(look("network", health, reason=reason, because=because))

    found = diagnose(case)

    assert (found.cause, found.because) == ("tls_invalid", because)
    assert (found.health, found.severity) == (health, severity)
    assert [fact.key.check for fact in found.facts] == ["network"]


def test_a_client_that_refuses_the_certificate_is_enough() -> None:
    found = diagnose(well(look("status", UNHEALTHY, reason="tls")))

    assert (found.cause, found.health) == ("tls_invalid", UNHEALTHY)


def test_a_full_queue_of_connections_is_no_firewall() -> None:
    reading = service_reading()
    crowd = tuple(replace(one, waiting=129) for one in reading.listeners)
    full = look("process", reading=replace(reading, listeners=crowd))

    found = diagnose(blocked(full))

    assert found.cause == "hung"
    assert found.wants == ("process",)
    assert "network_blocked" not in found.also
