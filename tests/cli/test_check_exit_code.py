"""What `check` exits with: the worst that was seen."""

import pytest

from monitor.cli.check import exit_code
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation

HEALTHY, UNKNOWN = Health.HEALTHY, Health.UNKNOWN


def seen(
    probe: str, health: Health, reason: str = "", kind: Kind = Kind.TARGET
) -> Observation:
    return Observation(
        key=CheckKey(kind=kind, subject="studio", check=probe),
        probe=probe,
        at=1.0,
        duration=0.1,
        health=health,
        because="it is so",
        reason=reason,
    )


@pytest.mark.parametrize("probe", ["host", "process", "logs", "jobs"])
def test_evidence_that_is_missing_makes_no_server_unknown(probe: str) -> None:
    looks = [seen("status", HEALTHY), seen(probe, UNKNOWN, "unseen")]

    assert exit_code(looks) == 0


def test_a_unit_that_nobody_knows_is_unknown() -> None:
    looks = [
        seen("status", HEALTHY),
        seen("process", UNKNOWN, "unit_missing"),
    ]

    assert exit_code(looks) == 3


def test_a_status_that_nobody_knows_is_unknown() -> None:
    assert exit_code([seen("status", UNKNOWN, "timeout")]) == 3


def test_a_machine_that_is_not_reached_is_degraded() -> None:
    lost = seen("host", Health.UNHEALTHY, "refused", Kind.HOST)

    assert exit_code([seen("status", HEALTHY), lost]) == 1
