"""A new diagnosis is believed when its evidence is in, and not before."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.following import (
    DOUBT,
    NO_DATA_WARNS,
    SETTLE,
    Standing,
    follow,
)
from monitor.domain.health import Health
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    HEALTHY,
    NOW,
    UNHEALTHY,
    case,
    key,
    look,
    seen,
    stale,
    well,
)

WELL = Standing(diagnosis=replace(diagnose(well()), since=NOW - 900))


def down(now: float = NOW, looked: float = NOW + 0.5) -> Case:
    """Return a server whose certificate ended, looked at all around."""
    looks = (
        look("network", UNHEALTHY, reason="tls_expired", at=looked),
        *(
            look(name, at=looked)
            for name in ("status", "process", "logs", "jobs", "host", "gpu")
        ),
    )
    return well(*looks, now=now)


def doubted(now: float = NOW) -> Case:
    """Return one whose last look says that all is well again."""
    better = look(
        "network",
        UNHEALTHY,
        reason="tls_expired",
        last=seen("network", at=now),
    )
    return replace(
        down(now, now), looks={**down(now, now).looks, "network": better}
    )


def wanting(now: float = NOW, *, host: bool = True) -> Case:
    """Return one of which it is not known whether SSH answers."""
    looks = (
        look("status", UNHEALTHY, reason="timeout", since=now - 5, at=now),
        look("network", UNHEALTHY, reason="timeout", at=now),
    )
    old = (look("host", at=now - 20),)
    return case(*looks, *(old if host else ()), now=now)


def test_what_stays_the_same_takes_over_newer_evidence() -> None:
    step = follow(WELL, well(now=NOW))

    assert step.before is None
    assert step.standing.is_settled
    assert step.standing.diagnosis.at == NOW
    assert step.standing.diagnosis.since == NOW - 900
    assert step.wants == frozenset()


def test_a_change_whose_evidence_is_in_is_believed_at_once() -> None:
    step = follow(WELL, down())

    assert step.before is WELL.diagnosis
    assert step.standing.diagnosis.cause == "tls_invalid"
    assert step.standing.diagnosis.since == NOW
    assert step.standing.is_settled


def test_the_others_are_looked_at_first() -> None:
    step = follow(WELL, down(looked=NOW - 5))

    assert step.before is None
    assert step.standing.diagnosis is WELL.diagnosis
    assert step.standing.differs_since == NOW
    assert not step.standing.is_settled
    owed = {"status", "network", "process", "logs", "jobs", "host", "gpu"}
    assert {one.check for one in step.wants} == owed


def test_a_canary_and_what_is_not_known_are_not_waited_for() -> None:
    bare = case(
        look("network", UNHEALTHY, reason="tls_expired", at=NOW + 1),
        look(CANARY, at=NOW - 300),
        stale("logs"),
    )

    assert follow(WELL, bare).before is WELL.diagnosis


def test_those_who_do_not_look_are_waited_for_no_longer_than_this() -> None:
    waiting = replace(WELL, differs_since=NOW)

    def at(now: float) -> Diagnosis | None:
        return follow(waiting, down(now, NOW - 5)).before

    assert at(NOW + SETTLE - 0.1) is None
    assert at(NOW + SETTLE) is WELL.diagnosis


def test_evidence_in_doubt_is_looked_at_again() -> None:
    first = follow(WELL, doubted())

    assert first.wants == {key("network")}
    later = follow(first.standing, doubted(NOW + DOUBT - 0.1))
    assert later.before is None
    assert later.standing.differs_since == NOW


def test_evidence_is_in_doubt_for_a_bounded_time() -> None:
    waiting = replace(WELL, differs_since=NOW)

    step = follow(waiting, doubted(NOW + DOUBT))

    assert step.before is WELL.diagnosis
    assert step.standing.diagnosis.cause == "tls_invalid"


def test_what_a_finding_wants_is_looked_at_first() -> None:
    step = follow(WELL, wanting())

    assert key("host") in step.wants
    assert step.before is None


def test_what_is_wanted_and_does_not_come_is_left_out() -> None:
    waiting = replace(WELL, differs_since=NOW)

    step = follow(waiting, wanting(NOW + DOUBT))

    assert step.before is WELL.diagnosis
    assert step.standing.diagnosis.cause == "unexplained"
    assert step.standing.diagnosis.wants == ()


def test_what_is_left_may_be_what_is_held() -> None:
    held = follow(
        replace(WELL, differs_since=NOW), wanting(NOW + DOUBT)
    ).standing
    waiting = replace(held, differs_since=NOW + DOUBT)

    step = follow(waiting, wanting(NOW + 2 * DOUBT))

    assert step.before is None
    assert step.standing.diagnosis.cause == "unexplained"
    assert step.standing.diagnosis.since == NOW + DOUBT
    assert step.standing.is_settled


def test_the_held_one_comes_back_without_a_change() -> None:
    waiting = replace(WELL, differs_since=NOW - 2)

    step = follow(waiting, well())

    assert step.before is None
    assert step.standing.is_settled


def test_a_clock_that_was_set_back_starts_the_wait_anew() -> None:
    waiting = replace(WELL, differs_since=NOW + 3600)

    step = follow(waiting, doubted())

    assert step.standing.differs_since == NOW


def test_what_healed_is_told_at_once() -> None:
    held = follow(WELL, down()).standing

    step = follow(held, well(now=NOW + 60))

    assert step.before is held.diagnosis
    assert step.standing.diagnosis.health is HEALTHY


def test_another_health_of_one_cause_is_a_change() -> None:
    held = follow(WELL, down()).standing
    milder = look("network", DEGRADED, reason="tls_expiring", at=NOW + 0.5)
    better = down()
    better = replace(better, looks={**better.looks, "network": milder})

    step = follow(held, better)

    assert step.before is held.diagnosis
    assert step.standing.diagnosis.severity == "warning"


def test_missing_data_become_a_warning() -> None:
    first = follow(WELL, case(stale("status")))

    def at(after: float) -> Standing:
        return follow(
            first.standing, case(stale("status"), now=NOW + after)
        ).standing

    assert first.standing.diagnosis.severity == "info"
    assert at(NO_DATA_WARNS - 1).diagnosis.severity == "info"
    assert at(NO_DATA_WARNS).diagnosis.severity == "warning"


def test_the_warning_is_a_change_once() -> None:
    first = follow(WELL, case(stale("status"))).standing
    late = case(stale("status"), now=NOW + NO_DATA_WARNS)

    step = follow(first, late)
    again = follow(step.standing, replace(late, now=late.now + 30))

    assert step.before is first.diagnosis
    assert step.standing.diagnosis.since == NOW
    assert again.before is None
    assert again.standing.diagnosis.severity == "warning"


@pytest.mark.parametrize("name", ["none", "no_data"])
def test_neither_health_nor_ignorance_waits(name: str) -> None:
    held = follow(WELL, down()).standing
    cases = {"none": well(), "no_data": case(stale("status"))}

    assert follow(held, cases[name]).standing.diagnosis.cause == name


def test_what_nothing_explains_waits_for_every_check_in_doubt() -> None:
    looks = (
        look("network", UNHEALTHY, reason="odd", at=NOW + 0.5),
        look(
            "status",
            last=seen("status", UNHEALTHY, reason="timeout", at=NOW + 0.5),
        ),
        *(
            look(name, at=NOW + 0.5)
            for name in ("process", "logs", "jobs", "host", "gpu")
        ),
    )

    step = follow(WELL, well(*looks))

    assert step.before is None
    assert step.wants == {key("status")}


@pytest.mark.parametrize(
    ("check", "health", "waits"),
    [
        ("host", UNHEALTHY, {"host"}),
        ("gpu", DEGRADED, {"gpu"}),
        ("host", DEGRADED, set()),
        ("jobs", UNHEALTHY, set()),
    ],
)
def test_a_machine_that_was_just_seen_to_be_down_may_be_deeper(
    check: str, health: Health, waits: set[str]
) -> None:
    at = NOW + 0.5
    worse = look(check, at=at, last=seen(check, health, reason="odd", at=at))
    it = down()
    looks = {**it.looks, **({check: worse} if check == "jobs" else {})}
    host = {**it.host, **({} if check == "jobs" else {check: worse})}

    step = follow(WELL, replace(it, looks=looks, host=host))

    assert {one.check for one in step.wants} == waits
    assert (step.before is None) is bool(waits)


def test_nothing_began_in_the_future() -> None:
    ahead = Standing(diagnosis=replace(diagnose(well()), since=NOW + 3600))

    kept = follow(ahead, well()).standing.diagnosis

    assert kept.since == NOW
