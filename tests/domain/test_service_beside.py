"""What a look at a process counts for while the server answers, or not."""

import pytest

from monitor.domain.health import Health
from monitor.domain.service.beside import beside_status

BAD_SINCE = 1000.0


def beside(
    reason: str = "process_down",
    process: Health = Health.UNHEALTHY,
    status: Health = Health.HEALTHY,
    since: float | None = BAD_SINCE,
    answered: float | None = BAD_SINCE + 20,
) -> Health:
    return beside_status(
        process, reason, since=since, status=status, answered=answered
    )


@pytest.mark.parametrize(
    "reason",
    ["not_listening", "port_drift", "port_taken", "bound_to_loopback"],
)
def test_an_answer_disproves_that_nobody_gets_through(reason: str) -> None:
    assert beside(reason) is Health.UNKNOWN


@pytest.mark.parametrize(
    "reason",
    ["process_down", "stopped", "zombie", "suspended", "crash_loop", ""],
)
def test_one_that_answers_without_running_is_neither_down_nor_well(
    reason: str,
) -> None:
    assert beside(reason) is Health.DEGRADED


@pytest.mark.parametrize("answered", [None, BAD_SINCE - 20, BAD_SINCE])
@pytest.mark.parametrize("reason", ["process_down", "not_listening"])
def test_an_answer_from_before_it_went_bad_says_nothing(
    reason: str, answered: float | None
) -> None:
    assert beside(reason, answered=answered) is Health.UNHEALTHY


def test_an_opinion_without_a_beginning_counts() -> None:
    assert beside(since=None) is Health.UNHEALTHY


@pytest.mark.parametrize(
    "status", [Health.UNHEALTHY, Health.DEGRADED, Health.UNKNOWN]
)
def test_a_status_that_is_not_healthy_disproves_nothing(
    status: Health,
) -> None:
    assert beside("not_listening", status=status) is Health.UNHEALTHY


@pytest.mark.parametrize(
    "process", [Health.HEALTHY, Health.DEGRADED, Health.UNKNOWN]
)
def test_what_is_not_down_counts_as_it_is(process: Health) -> None:
    assert beside("starting", process=process) is process
