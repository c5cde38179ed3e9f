"""A diagnosis says what it cannot know."""

from dataclasses import replace

from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.gaps import unknowns
from monitor.domain.machine.reading import Gap
from monitor.domain.network import NetworkReading
from tests.domain.diagnosis.cases import (
    ALONE,
    HEALTHY,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    look,
    machine_reading,
    seen,
    service_reading,
    stale,
    well,
)

HOSTED = ("process", "logs", "jobs", "host", "gpu")
GAP = Gap(part="service", what="cwd", because="cannot read /proc/1/cwd")


def test_where_all_is_seen_nothing_is_unknown() -> None:
    assert unknowns(well()) == ()


def test_a_server_on_no_known_machine_hides_most() -> None:
    (told,) = unknowns(well(target=ALONE, without=HOSTED))

    assert "process, log and GPU" in told
    assert "targets[].host" in told


def test_a_server_without_a_service_hides_its_process() -> None:
    (told,) = unknowns(well(without=("process", "logs")))

    assert "targets[].service" in told


def test_what_is_too_old_is_told_with_what_it_last_was() -> None:
    old = replace(
        stale("status"), grounds=seen("status", HEALTHY, at=NOW - 300)
    )

    (told,) = unknowns(well(old))

    assert told == "status: nothing fresh was seen; 5 min ago it was healthy"


def test_what_never_was_seen_has_no_age() -> None:
    (told,) = unknowns(well(stale("gpu")))

    assert told == "gpu: nothing fresh was seen"


def test_a_look_from_the_future_has_no_age() -> None:
    ahead = replace(stale("gpu"), grounds=seen("gpu", HEALTHY, at=NOW + 300))

    assert unknowns(well(ahead)) == ("gpu: nothing fresh was seen",)


def test_a_look_that_could_not_tell_says_why() -> None:
    blind = look("logs", UNKNOWN, reason="auth", because="no key fits")

    assert unknowns(well(blind)) == ("logs: no key fits",)


def test_what_the_status_is_bad_for_is_not_told_again() -> None:
    status = look("status", UNHEALTHY, reason="refused")
    shut = look("browser", UNKNOWN, reason="refused", because="refused")
    lost = look("browser", UNKNOWN, reason="timeout", because="no answer")
    host = look("host", UNKNOWN, reason="refused", because="SSH is refused")

    assert unknowns(well(status, shut)) == ()
    assert unknowns(well(status, lost)) == ("browser: no answer",)
    assert unknowns(well(shut)) == ("browser: refused",)
    assert unknowns(well(status, host)) == ("host: SSH is refused",)
    assert unknowns(well(shut, without=("status",))) == ("browser: refused",)


def test_what_a_look_could_not_see_is_told() -> None:
    service = replace(service_reading(), gaps=(GAP,))
    machine = replace(machine_reading(), gaps=(GAP,) * 4)
    case = well(
        look("network", reading=NetworkReading(tcp_round_trip=0.001)),
        look("process", reading=service),
        look("host", reading=machine),
    )

    told = unknowns(case)

    assert told == tuple(sorted(told, key=lambda one: one.partition(":")[0]))
    assert "network: whether its address answers pings" in " ".join(told)
    assert "process: cannot read /proc/1/cwd" in told
    assert "host: and 1 more gaps" in told


def test_every_diagnosis_carries_them() -> None:
    found = diagnose(well(stale("gpu")))

    assert found.unknown == ("gpu: nothing fresh was seen",)
