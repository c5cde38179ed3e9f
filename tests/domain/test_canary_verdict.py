import pytest

from monitor.domain.canary import verdict
from monitor.domain.canary.image import Flaw
from monitor.domain.canary.reading import Result
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health


@pytest.mark.parametrize(
    ("reason", "result", "health"),
    [
        ("refused", Result.ERROR, Health.UNHEALTHY),
        ("reset", Result.ERROR, Health.UNHEALTHY),
        ("too_large", Result.ERROR, Health.UNHEALTHY),
        ("timeout", Result.TIMEOUT, Health.UNHEALTHY),
        ("failed", Result.ERROR, Health.UNKNOWN),
    ],
)
def test_a_server_that_does_not_answer_is_named_by_its_reason(
    reason: str, result: Result, health: Health
) -> None:
    said = verdict.no_answer(CannotReach("cannot reach it", reason=reason))

    assert (said.result, said.health, said.reason) == (result, health, reason)
    assert said.because == "cannot reach it"


def test_an_invalid_output_keeps_the_flaw() -> None:
    said = verdict.flawed(Flaw(reason="blank", because="it is blank"))

    assert said.result is Result.INVALID_OUTPUT
    assert said.health is Health.UNHEALTHY
    assert (said.reason, said.because) == ("blank", "it is blank")
    assert said.output_valid is False


def test_an_unreadable_output_is_an_invalid_one() -> None:
    said = verdict.unreadable("cannot read it")

    assert said.result is Result.INVALID_OUTPUT
    assert said.output_valid is False


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (verdict.not_placed("cannot upload"), "files"),
        (verdict.invalid_job("cannot run"), "invalid_job"),
        (verdict.rejected("answered 404"), "input_rejected"),
    ],
)
def test_what_is_our_own_fault_says_nothing_about_the_server(
    said: verdict.Verdict, reason: str
) -> None:
    assert said.result is Result.ERROR
    assert said.health is Health.UNKNOWN
    assert said.reason == reason
