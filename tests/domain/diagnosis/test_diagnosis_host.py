"""The machine: gone, full, or closed to us."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnose import certainly, diagnose
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.network import NetworkReading
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.cases import (
    ALONE,
    CANARY,
    DEGRADED,
    HEALTHY,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    look,
    machine_reading,
    seen,
    stale,
    well,
)

HOSTED = ("process", "logs", "jobs", "host", "gpu")
SILENT = look("status", UNHEALTHY, reason="timeout", since=NOW - 10)
LOST = NetworkReading(ping_loss=1.0)
NO_PING = NetworkReading()
PINGED = NetworkReading(ping_loss=0.0, ping_round_trip=0.001)
NO_SSH = look("host", UNHEALTHY, reason="timeout")


def no_tcp(
    reading: NetworkReading, reason: str = "timeout", *, host: bool = True
) -> Case:
    """Return a silent server that SSH does not reach, or is not there."""
    network = look("network", UNHEALTHY, reason=reason, reading=reading)
    if host:
        return well(SILENT, network, NO_SSH)
    return well(SILENT, network, target=ALONE, without=HOSTED)


@pytest.mark.parametrize("reading", [LOST, NO_PING])
def test_a_machine_that_answers_nothing_is_unreachable(
    reading: NetworkReading,
) -> None:
    found = diagnose(no_tcp(reading))

    assert found.cause == "host_unreachable"
    assert (found.health, found.severity) == (UNHEALTHY, "critical")
    assert "gpu1" in found.because
    assert ("ping" in found.because) is (reading is LOST)
    checks = {fact.key.check for fact in found.facts}
    assert checks == {"status", "network", "host"}


def test_one_that_answers_pings_is_reached() -> None:
    assert diagnose(no_tcp(PINGED)).cause != "host_unreachable"


@pytest.mark.parametrize("reason", ["refused", "reset", "tls_expired"])
def test_one_that_refuses_tcp_is_reached(reason: str) -> None:
    assert diagnose(no_tcp(LOST, reason)).cause != "host_unreachable"


@pytest.mark.parametrize("reason", ["auth", "refused", "gate_missing"])
def test_one_that_answers_ssh_is_reached(reason: str) -> None:
    network = look("network", UNHEALTHY, reason="timeout", reading=LOST)
    refused = look("host", UNHEALTHY, reason=reason)

    found = diagnose(well(SILENT, network, refused))

    assert found.cause != "host_unreachable"


def test_without_ssh_tcp_and_ping_have_to_fail() -> None:
    found = diagnose(no_tcp(LOST, host=False))

    assert found.cause == "host_unreachable"
    assert "the machine of studio" in found.because
    assert diagnose(no_tcp(NO_PING, host=False)).cause == "unexplained"


@pytest.mark.parametrize(
    "host",
    [stale("host"), look("host", UNKNOWN, reason="failed")],
    ids=["stale", "our fault"],
)
def test_ssh_that_tells_nothing_counts_for_none(host: Look) -> None:
    network = look("network", UNHEALTHY, reason="timeout", reading=LOST)
    case = well(SILENT, network)

    found = diagnose(replace(case, host={"host": host}))

    assert found.cause == "host_unreachable"
    assert "TCP and ping" in found.because


def test_a_machine_not_looked_at_since_is_looked_at_first() -> None:
    network = look("network", UNHEALTHY, reason="timeout", reading=LOST)
    case = well(SILENT, network, look("host", at=NOW - 20))

    found = diagnose(case)

    assert (found.cause, found.wants) == ("host_unreachable", ("host",))
    assert certainly(case).cause != "host_unreachable"


def test_a_machine_that_answered_since_is_reached() -> None:
    network = look("network", UNHEALTHY, reason="timeout", reading=LOST)

    found = diagnose(well(SILENT, network))

    assert found.cause != "host_unreachable"


def test_without_a_look_at_the_network_nothing_is_said_of_the_machine() -> (
    None
):
    case = well(SILENT, NO_SSH, without=("network",))

    assert diagnose(case).cause != "host_unreachable"


FULL = "/ has 10 MiB of 100 GiB free (0.0 %)"


def test_a_full_disk_is_named() -> None:
    full = look("host", UNHEALTHY, reason="disk_full", because=FULL)

    found = diagnose(well(full))

    assert (found.cause, found.severity) == ("disk_full", "critical")
    assert FULL in found.because
    assert found.remedies == ()


@pytest.mark.parametrize("reason", ["disk_low", "memory_low", "oom"])
def test_a_strained_machine_is_not_the_servers_fault(reason: str) -> None:
    assert diagnose(well(look("host", DEGRADED, reason=reason))).is_well


OLD = look(CANARY, at=NOW - 4000)


def complaint(age: float = 60.0, *, undated: bool = False) -> LogReading:
    event = LogEvent(
        kind="disk_full",
        at=NOW - age,
        evidence="OSError: No space left on device",
        undated=undated,
    )
    later = LogEvent(kind="no_face", at=NOW, evidence="no face")
    return LogReading(source="journal", cursor="1", recent=(event, later))


def logged(reading: LogReading, health: Health = DEGRADED) -> Look:
    return look("logs", health, reason="disk_full", reading=reading)


@pytest.mark.parametrize("check", ["status", CANARY, "process"])
def test_a_log_without_room_explains_what_fails_beside_it(check: str) -> None:
    down = look(check, UNHEALTHY, reason="oddly", since=NOW - 30)

    found = diagnose(well(OLD, down, logged(complaint())))

    assert (found.cause, found.severity) == ("disk_full", "critical")
    assert "No space left on device" in found.because
    assert {fact.key.check for fact in found.facts} == {"logs", check}


def test_a_line_alone_is_a_suspicion() -> None:
    found = diagnose(well(OLD, logged(complaint())))

    assert (found.cause, found.health) == ("disk_full", DEGRADED)
    assert found.severity == "warning"
    assert found.because.startswith("suspected")


@pytest.mark.parametrize(
    "reading", [complaint(undated=True), complaint(3600.0)]
)
def test_an_old_line_says_nothing_by_itself(reading: LogReading) -> None:
    assert diagnose(well(OLD, logged(reading))).is_well


def test_a_line_before_a_log_that_is_well_says_nothing() -> None:
    assert diagnose(well(OLD, logged(complaint(), HEALTHY))).is_well


def test_a_line_long_before_the_fault_does_not_explain_it() -> None:
    down = look("status", UNHEALTHY, reason="oddly", since=NOW - 30)

    found = diagnose(well(OLD, down, logged(complaint(3600.0), HEALTHY)))

    assert found.cause == "unexplained"


def test_a_canary_that_worked_since_disproves_the_line() -> None:
    down = look("status", UNHEALTHY, reason="oddly", since=NOW - 30)
    works = look(CANARY, last_success=NOW - 10)

    found = diagnose(well(down, works, logged(complaint())))

    assert found.cause == "unexplained"


def test_an_older_canary_disproves_nothing() -> None:
    down = look("status", UNHEALTHY, reason="oddly", since=NOW - 30)
    worked = look(CANARY, last_success=NOW - 100)

    found = diagnose(well(down, worked, logged(complaint())))

    assert found.cause == "disk_full"


def test_a_line_is_dated_by_the_hosts_own_clock() -> None:
    ahead = look("host", reading=machine_reading(clock=5000.0))
    case = well(OLD, ahead, logged(complaint(-4000.0)), without=("process",))

    assert diagnose(case).is_well
    there = well(OLD, ahead, logged(complaint(-4950.0)), without=("process",))
    assert diagnose(there).cause == "disk_full"


def test_without_a_clock_of_the_host_no_line_has_an_age() -> None:
    case = well(OLD, logged(complaint()), without=("process", "host"))

    assert diagnose(case).is_well


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        (UNHEALTHY, "auth"),
        (UNHEALTHY, "host_key"),
        (UNHEALTHY, "timeout"),
        (UNHEALTHY, "refused"),
        (UNKNOWN, "gate_missing"),
        (UNKNOWN, "gate_version"),
        (UNKNOWN, "forbidden"),
    ],
)
def test_a_machine_closed_to_us_is_a_warning_while_the_server_answers(
    health: Health, reason: str
) -> None:
    found = diagnose(well(look("host", health, reason=reason)))

    assert (found.cause, found.health) == ("ssh_unavailable", DEGRADED)
    assert found.severity == "warning"
    assert "gpu1" in found.because
    assert reason in found.because
    assert {fact.key.check for fact in found.facts} == {"host", "status"}
    assert not found.wants


def test_a_server_not_looked_at_since_is_looked_at_first() -> None:
    closed = look("host", UNHEALTHY, reason="timeout")

    found = diagnose(well(closed, look("status", at=NOW - 20)))

    assert (found.cause, found.wants) == ("ssh_unavailable", ("status",))


def test_a_machine_of_which_nothing_came_for_a_moment_is_not_closed() -> None:
    blip = look("host", last=seen("host", UNKNOWN, reason="gate_refused"))

    assert diagnose(well(blip)).is_well


def test_a_machine_that_answers_is_not_closed_to_us() -> None:
    assert diagnose(well(look("host", UNKNOWN, reason="unseen"))).is_well


@pytest.mark.parametrize(("code", "expected"), [(502, True), (None, False)])
def test_closed_is_only_said_of_a_server_that_answers(
    code: int | None, *, expected: bool
) -> None:
    reading = StatusReading(dialect="rest", code=code)
    status = look("status", UNHEALTHY, reason="status_code", reading=reading)
    found = diagnose(well(status, look("host", UNHEALTHY, reason="auth")))

    assert ("ssh_unavailable" in (found.cause, *found.also)) is expected


def test_nothing_is_closed_where_nobody_looks() -> None:
    closed = look("host", UNHEALTHY, reason="auth")

    found = diagnose(well(closed, without=("status",)))

    assert found.cause == "no_data"


@pytest.mark.parametrize(
    ("back", "worked", "told"),
    [
        (10.0, 60.0, "none"),
        (10.0, 12.5, "none"),
        (10.0, 11.5, "ssh_unavailable"),
        (74.0, 90.0, "none"),
        (75.0, 90.0, "ssh_unavailable"),
        (10.0, 5.0, "ssh_unavailable"),
        (10.0, None, "ssh_unavailable"),
    ],
    ids=[
        *("just back", "short", "first looks", "a minute"),
        *("for long", "after it", "never worked"),
    ],
)
def test_after_an_outage_ssh_gets_time_to_be_tried_again(
    back: float, worked: float | None, told: str
) -> None:
    closed = look("host", UNHEALTHY, reason="timeout")
    success = None if worked is None else NOW - worked
    status = look("status", since=NOW - back)

    found = diagnose(well(replace(closed, last_success=success), status))

    assert found.cause == told
