"""Whether it is us: then nothing is said of the servers."""

import pytest

from monitor.domain.diagnosis.diagnose import diagnose
from tests.domain.diagnosis.cases import (
    HEALTHY,
    UNHEALTHY,
    UNKNOWN,
    look,
    well,
)

BLIND = look("control", UNHEALTHY, reason="blind")


@pytest.mark.parametrize("reason", ["timeout", "unreachable", "resolve"])
def test_silence_beside_silent_control_addresses_is_ours(reason: str) -> None:
    found = diagnose(well(look("status", UNHEALTHY, reason=reason), BLIND))

    assert found.cause == "monitor_blind"
    assert (found.health, found.severity) == (UNKNOWN, "critical")
    assert found.remedies == ()
    assert {fact.key.check for fact in found.facts} == {"control", "status"}


@pytest.mark.parametrize("reason", ["refused", "reset", "status_code"])
def test_what_answers_proves_the_way(reason: str) -> None:
    found = diagnose(well(look("status", UNHEALTHY, reason=reason), BLIND))

    assert found.cause != "monitor_blind"


def test_control_addresses_that_answer_leave_the_fault_to_the_server() -> None:
    silent = look("status", UNHEALTHY, reason="timeout")

    assert diagnose(well(silent, look("control"))).cause != "monitor_blind"
    assert diagnose(well(silent)).cause != "monitor_blind"


def test_silent_control_addresses_alone_blind_nobody() -> None:
    assert diagnose(well(BLIND)).health is HEALTHY
    assert diagnose(well(BLIND, without=("status",))).cause == "no_data"


def test_what_a_late_loop_measured_is_not_believed() -> None:
    slow = look("status", UNHEALTHY, reason="timeout")

    found = diagnose(well(slow, loop_lag=5.0))

    assert found.cause == "monitor_blind"
    assert "5 s late" in found.because
    assert diagnose(well(slow, loop_lag=4.9)).cause != "monitor_blind"


def test_a_late_loop_does_not_undo_good_answers() -> None:
    assert diagnose(well(loop_lag=60.0)).health is HEALTHY
