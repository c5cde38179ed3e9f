"""Any evidence at all comes to one diagnosis that the table allows."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.cause import (
    CAUSES,
    DEPTH,
    Remedy,
    Severity,
    depth,
)
from monitor.domain.diagnosis.diagnose import certainly, diagnose
from monitor.domain.diagnosis.diagnosis import made_of
from monitor.domain.diagnosis.finding import Finding, fact, last
from monitor.domain.diagnosis.following import Standing, follow
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent, LogReading
from tests.domain.diagnosis.any_case import cases
from tests.domain.diagnosis.cases import (
    DEGRADED,
    NOW,
    UNHEALTHY,
    look,
    stale,
    well,
)

TABLE = """
monitor_blind unknown critical
host_unreachable unhealthy critical
disk_full unhealthy critical
gpu_lost unhealthy critical reboot
gpu_wedged unhealthy critical reboot
gpu_reset_required unhealthy critical reboot
driver_mismatch unhealthy critical reboot
container_gpu_lost unhealthy critical restart
gpu_hardware unhealthy critical reboot
model_files_corrupt unhealthy critical
dependency_missing unhealthy critical
stopped_by_operator unhealthy warning
crash_loop unhealthy critical
oom_killed unhealthy critical restart
starting degraded info
process_down unhealthy critical restart
not_listening unhealthy critical restart
port_drift unhealthy critical restart
bound_to_loopback unhealthy critical
network_blocked unhealthy critical
tls_invalid unhealthy critical
wrong_dialect unknown warning
cuda_fault unhealthy critical restart
gpu_memory_exhausted unhealthy critical restart free-gpu-memory
busy degraded info
hung unhealthy critical restart
queue_stuck unhealthy critical restart
server_error unhealthy critical restart
canary_input_rejected unknown warning
content_declined unknown warning
processing_failed unhealthy critical restart
invalid_output unhealthy critical restart
thermal_throttling degraded warning
cpu_fallback degraded warning restart
gpu_busy degraded warning
host_overloaded degraded warning
slow degraded warning
gpu_memory_leak degraded warning restart free-gpu-memory
backend_disagrees degraded warning
mixed_content degraded warning
cors_blocked degraded warning
ssh_unavailable degraded warning
unexplained degraded warning
no_data unknown info
"""
"""DESIGN §4.6, deepest first: health, severity and what may help."""
ROWS = [row.split() for row in TABLE.strip().splitlines()]
NEVER_RESTARTED = {
    *("gpu_lost", "gpu_wedged", "gpu_reset_required", "driver_mismatch"),
    *("gpu_hardware", "stopped_by_operator", "crash_loop", "disk_full"),
    *("model_files_corrupt", "dependency_missing"),
}


def test_the_table_is_the_one_of_the_design() -> None:
    assert tuple(row[0] for row in ROWS) == DEPTH
    assert set(CAUSES) == {"none", *DEPTH}
    assert [depth(row[0]) for row in ROWS] == list(range(len(ROWS)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_what_the_design_says(row: list[str]) -> None:
    word, health, severity, *may = row
    cause = CAUSES[word]

    assert (cause.health, cause.severity) == (health, severity)
    assert list(cause.may) == may
    assert cause.advice
    assert cause.runbook == f"deploy/runbooks/{word}.md"


def test_nothing_wrong_has_no_runbook() -> None:
    assert CAUSES["none"].runbook == ""
    assert CAUSES["none"].health is Health.HEALTHY


@pytest.mark.parametrize("word", sorted(NEVER_RESTARTED))
def test_where_a_restart_would_harm_none_is_suggested(word: str) -> None:
    wished = Finding(cause=word, because="", remedies=tuple(Remedy))

    assert Remedy.RESTART not in made_of(wished, NOW).remedies


@pytest.mark.parametrize(
    ("cause", "health", "severity"),
    [
        ("hung", Health.DEGRADED, "warning"),
        ("slow", Health.UNHEALTHY, "critical"),
        ("stopped_by_operator", Health.UNHEALTHY, "warning"),
        ("stopped_by_operator", Health.DEGRADED, "warning"),
        ("monitor_blind", Health.UNKNOWN, "critical"),
        ("hung", Health.UNKNOWN, "critical"),
    ],
)
def test_another_health_has_its_usual_severity(
    cause: str, health: Health, severity: str
) -> None:
    found = Finding(cause=cause, because="", health=health)

    assert made_of(found, NOW).severity == severity


def test_a_finding_may_leave_remedies_out_and_say_its_severity() -> None:
    found = made_of(
        Finding(
            cause="gpu_memory_exhausted",
            because="",
            remedies=(Remedy.FREE_GPU_MEMORY, Remedy.REBOOT),
            severity=Severity.INFO,
        ),
        NOW,
    )

    assert found.remedies == (Remedy.FREE_GPU_MEMORY,)
    assert found.severity is Severity.INFO
    assert found.advice == CAUSES[found.cause].advice
    assert found.runbook == "deploy/runbooks/gpu_memory_exhausted.md"


def test_evidence_is_what_an_opinion_rests_on_or_was_seen_last() -> None:
    known, unknown = look("status"), stale("status")
    unfounded = replace(known, grounds=None)

    assert fact(known)[0].because == "status says that all is well"
    assert fact(known, "so")[0].because == "so"
    assert fact(unfounded) == last(known)
    assert last(known, "so") == fact(known, "so")
    assert fact(unknown) == last(unknown) == ()


def test_a_case_has_names_for_its_looks() -> None:
    case = well()

    assert case.jobs is case.looks["jobs"]
    assert (case.backend, case.browser) == (None, None)
    assert case.jobs_reading is not None
    assert case.gpu_reading is not None
    assert case.log_reading is not None
    assert [one.key.check for one in case.canaries()] == [
        "canary.enhance-gfpgan_1.4"
    ]
    assert case.status is not None
    assert (case.status.last_reason, case.status.reason) == ("", "")
    assert (stale("gpu").reason, stale("gpu").last_reason) == ("", "")
    assert not stale("gpu").in_doubt


@given(cases())
def test_any_case_has_one_cause_of_the_table(case: Case) -> None:
    found = diagnose(case)

    assert found.cause in CAUSES
    assert found.at == found.since == case.now
    assert found.because
    assert set(found.remedies) <= set(CAUSES[found.cause].may)
    assert found.cause not in found.also
    assert set(found.also) < set(DEPTH)
    assert list(found.also) == sorted(set(found.also), key=depth)


@given(cases())
def test_critical_is_unhealthy_or_blind(case: Case) -> None:
    found = diagnose(case)

    is_critical = found.severity is Severity.CRITICAL
    unhealthy = found.health is Health.UNHEALTHY
    if is_critical:
        assert unhealthy or found.cause == "monitor_blind"
    assert (found.cause == "none") is (found.health is Health.HEALTHY)


@given(cases())
def test_what_is_certain_wants_nothing(case: Case) -> None:
    found, certain = diagnose(case), certainly(case)

    assert certain.wants == ()
    if not found.wants:
        assert certain.cause == found.cause


@given(cases())
def test_what_explains_a_fault_has_evidence(case: Case) -> None:
    found = diagnose(case)

    if found.cause not in {"none", "no_data"}:
        assert found.facts
    known = {one.key for one in (*case.looks.values(), *case.host.values())}
    if case.control:
        known.add(case.control.key)
    assert {one.key for one in found.facts} <= known


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_looks_does_not_matter(
    case: Case, chance: Random
) -> None:
    assert diagnose(case) == diagnose(case)
    names = list(case.looks)
    chance.shuffle(names)
    other = replace(
        case,
        looks={name: case.looks[name] for name in names},
        host=dict(reversed(list(case.host.items()))),
    )

    assert diagnose(other) == diagnose(case)
    assert certainly(other) == certainly(case)


@given(cases(), cases())
def test_following_ends(first: Case, then: Case) -> None:
    """A change is believed after the time that evidence is given."""
    standing = Standing(diagnosis=diagnose(first))
    then = replace(then, now=NOW)
    late = replace(standing, differs_since=NOW - 31)

    step = follow(late, then)

    assert step.wants == frozenset()
    assert step.standing.is_settled
    assert step.standing.diagnosis.wants == ()


def test_of_two_of_one_cause_the_worse_counts() -> None:
    full = look("host", UNHEALTHY, reason="disk_full", because="/ is full")
    line = LogEvent(kind="disk_full", at=NOW - 9, evidence="no space left")
    reading = LogReading(source="journal", cursor="1", recent=(line,))
    logs = look("logs", DEGRADED, reason="disk_full", reading=reading)

    found = diagnose(well(full, logs))

    assert (found.cause, found.health) == ("disk_full", UNHEALTHY)
    assert "/ is full" in found.because
