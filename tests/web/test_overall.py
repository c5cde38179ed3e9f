"""What several checks say together."""

from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.entry import Entry
from monitor.web.telling.overall import of_checks
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

PROCESS = CheckKey(kind=Kind.TARGET, subject="studio", check="process")


def entry(key: CheckKey, health: Health, because: str) -> Entry:
    check = check_of(FakeProbe(FakeClock(), key))
    return Entry(
        check=check,
        track=Track(health=health, since=100.0, because=because),
        seen=seen(health, key=key, at=100),
        told_at=100.0,
    )


def test_a_check_that_counts_for_less_than_it_says_is_told_all_the_same() -> (
    None
):
    status = entry(STUDIO, Health.HEALTHY, "answered 200")
    process = entry(PROCESS, Health.UNHEALTHY, "it does not run")

    overall = of_checks([status, process], 101.0, Health.DEGRADED)

    assert overall.because == "process: it does not run"
    assert (overall.health, overall.since) == (Health.DEGRADED, 100.0)


def test_that_a_process_ended_says_why_nobody_answers() -> None:
    status = entry(STUDIO, Health.UNHEALTHY, "connection refused")
    process = entry(PROCESS, Health.UNHEALTHY, "it was killed by SIGKILL")

    overall = of_checks([status, process], 101.0)

    assert overall.because == (
        "process: it was killed by SIGKILL (and 1 more)"
    )


def test_of_healthy_checks_the_first_speaks() -> None:
    status = entry(STUDIO, Health.HEALTHY, "answered 200")
    process = entry(PROCESS, Health.HEALTHY, "runs and listens")

    assert of_checks([status, process], 101.0).because == (
        "status: answered 200"
    )
