"""The four words and how they add up."""

from monitor.domain.health import Health, of_target, worst


def test_nothing_known_is_unknown() -> None:
    assert worst([]) is Health.UNKNOWN
    assert worst([Health.UNKNOWN]) is Health.UNKNOWN


def test_the_worst_known_health_counts() -> None:
    assert worst([Health.HEALTHY, Health.UNKNOWN]) is Health.HEALTHY
    assert worst([Health.HEALTHY, Health.DEGRADED]) is Health.DEGRADED
    assert worst([Health.UNHEALTHY, Health.DEGRADED]) is Health.UNHEALTHY


def test_good_canaries_cannot_vouch_for_an_unknown_status() -> None:
    assert of_target(Health.UNKNOWN, [Health.HEALTHY]) is Health.UNKNOWN


def test_a_bad_canary_makes_a_server_unhealthy() -> None:
    healths = [Health.HEALTHY, Health.UNHEALTHY]

    assert of_target(Health.HEALTHY, healths) is Health.UNHEALTHY


def test_a_canary_that_cannot_tell_leaves_a_server_healthy() -> None:
    assert of_target(Health.HEALTHY, [Health.UNKNOWN]) is Health.HEALTHY
