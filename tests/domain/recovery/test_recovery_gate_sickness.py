"""Gates about what is wrong: is it sick, and would this help."""

from dataclasses import replace
from itertools import product

import pytest

from monitor.domain.diagnosis.cause import CAUSES
from monitor.domain.recovery.forbidden import FORBIDDEN, why_forbidden
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import SecondLook, Work
from monitor.domain.recovery.words import RUNGS, Action, Word
from tests.domain.recovery.situations import (
    ANN,
    ROBOT,
    SERVICE,
    UNIT,
    diagnosis,
    situation,
    word,
)

BY = (ANN, ROBOT)
FOR_RESTART = {
    "monitor_blind",
    "host_unreachable",
    "disk_full",
    "gpu_lost",
    "gpu_wedged",
    "gpu_reset_required",
    "driver_mismatch",
    "gpu_hardware",
    "model_files_corrupt",
    "dependency_missing",
    "bound_to_loopback",
    "network_blocked",
    "tls_invalid",
    "wrong_dialect",
    "busy",
    "canary_input_rejected",
    "content_declined",
    "gpu_busy",
    "ssh_unavailable",
}
LOST = {
    "container_gpu_lost",
    "oom_killed",
    "process_down",
    "not_listening",
    "cuda_fault",
    "gpu_memory_exhausted",
    "hung",
    "queue_stuck",
    "server_error",
    "processing_failed",
}


def second(agrees: bool | None) -> SecondLook:  # noqa: FBT001 - a builder
    return SecondLook(agrees=agrees, because="as it was seen")


@pytest.mark.parametrize("action", Action)
def test_no_remedy_of_the_table_is_forbidden(action: Action) -> None:
    forbidden = {one for one in CAUSES if why_forbidden(action, one)}

    assert not {one for one in forbidden if action.value in CAUSES[one].may}


def test_what_is_not_forbidden_has_no_reason() -> None:
    assert why_forbidden(Action.RESTART, "hung") == ""
    assert why_forbidden(Action.RESTART, "no such cause") == ""


def test_what_forbids_a_restart() -> None:
    forbids = {one for one in CAUSES if why_forbidden(Action.RESTART, one)}

    assert forbids == FOR_RESTART
    assert set(FORBIDDEN[Action.FREE_GPU_MEMORY]) == FOR_RESTART


def test_nothing_forbids_to_climb_the_ladder() -> None:
    assert not FORBIDDEN[Action.RECOVER]


def test_a_reboot_is_not_forbidden_by_a_fault_of_a_card() -> None:
    forbids = {one for one in CAUSES if why_forbidden(Action.REBOOT, one)}

    assert forbids == FOR_RESTART - {
        "gpu_lost",
        "gpu_wedged",
        "gpu_reset_required",
        "driver_mismatch",
        "gpu_hardware",
        "gpu_busy",
    }


def test_every_cause_that_forbids_is_one_of_the_table() -> None:
    for action in Action:
        assert set(FORBIDDEN[action]) <= set(CAUSES)


@pytest.mark.parametrize(("cause", "action"), list(product(CAUSES, RUNGS)))
def test_the_diagnosis_allows_remedies_refuses_what_hurts_and_asks_people(
    cause: str, action: Action
) -> None:
    given = situation(action=action, diagnosis=diagnosis(cause))
    by_robot = word("diagnosis", replace(given, by=ROBOT))
    by_person = word("diagnosis", given)

    if why_forbidden(action, cause):
        assert (by_robot, by_person) == (Word.REFUSED, Word.REFUSED)
    elif action.value in CAUSES[cause].may:
        assert (by_robot, by_person) == (Word.ALLOWED, Word.ALLOWED)
    else:
        assert (by_robot, by_person) == (Word.REFUSED, Word.ALLOWED)


def test_a_remedy_that_this_diagnosis_leaves_out_is_for_people() -> None:
    found = diagnosis("server_error", remedies=())

    assert word("diagnosis", situation(diagnosis=found)) is Word.ALLOWED
    assert (
        word("diagnosis", situation(by=ROBOT, diagnosis=found)) is Word.REFUSED
    )


@pytest.mark.parametrize("cause", sorted(CAUSES))
@pytest.mark.parametrize("by", BY)
def test_only_a_start_a_loop_and_a_stop_are_left_alone_for_themselves(
    cause: str, by: Principal
) -> None:
    given = situation(by=by, diagnosis=diagnosis(cause))
    gates = {
        "blind": "monitor_blind",
        "stopped": "stopped_by_operator",
        "starting": "starting",
        "crash_loop": "crash_loop",
    }

    for gate, refuses in gates.items():
        expected = Word.REFUSED if cause == refuses else Word.ALLOWED
        assert word(gate, given) is expected


@pytest.mark.parametrize(
    ("agrees", "by", "cause", "expected"),
    [
        (True, ANN, None, Word.ALLOWED),
        (True, ANN, "no_data", Word.ALLOWED),
        (True, ANN, "none", Word.REFUSED),
        (True, ROBOT, None, Word.REFUSED),
        (True, ROBOT, "no_data", Word.REFUSED),
        (True, ROBOT, "none", Word.REFUSED),
        (False, ANN, None, Word.REFUSED),
        (None, ANN, None, Word.REFUSED),
        (None, ANN, "hung", Word.ALLOWED),
        (None, ROBOT, "hung", Word.ALLOWED),
    ],
)
def test_whether_there_is_anything_to_heal(
    agrees: bool | None,  # noqa: FBT001 - a table
    by: Principal,
    cause: str | None,
    expected: Word,
) -> None:
    given = situation(
        by=by,
        second=second(agrees),
        diagnosis=None if cause is None else diagnosis(cause),
    )

    assert word("healthy", given) is expected


@pytest.mark.parametrize(
    ("agrees", "by", "expected"),
    [
        (True, ANN, Word.ALLOWED),
        (True, ROBOT, Word.ALLOWED),
        (None, ANN, Word.ALLOWED),
        (None, ROBOT, Word.REFUSED),
        (False, ANN, Word.REFUSED),
        (False, ROBOT, Word.REFUSED),
    ],
)
def test_a_second_look_must_agree_and_for_automation_must_exist(
    agrees: bool | None,  # noqa: FBT001 - a table
    by: Principal,
    expected: Word,
) -> None:
    given = situation(by=by, second=second(agrees))

    assert word("second_vantage", given) is expected


def test_a_unit_that_was_stopped_since_the_diagnosis_is_left_alone() -> None:
    down = diagnosis("process_down")
    ended = replace(UNIT, active_state="inactive", stop_asked=True)
    failed = replace(UNIT, active_state="failed", result="signal")

    for unit, expected in ((ended, Word.REFUSED), (failed, Word.ALLOWED)):
        service = replace(SERVICE, unit=unit, processes=())
        given = situation(diagnosis=down, service=service)
        assert word("stopped", given) is expected


@pytest.mark.parametrize("service", [None, replace(SERVICE, unit=None)])
def test_where_no_unit_is_seen_nobody_is_known_to_have_stopped_it(
    service: object,
) -> None:
    assert word("stopped", situation(service=service)) is Word.ALLOWED


@pytest.mark.parametrize(
    ("cause", "moves"), list(product([None, *CAUSES], [True, False, None]))
)
def test_only_work_that_stands_still_for_good_is_not_waited_for(
    cause: str | None,
    moves: bool | None,  # noqa: FBT001 - a table
) -> None:
    found = None if cause is None else diagnosis(cause)
    given = situation(diagnosis=found, work=Work(jobs=("job 7",), moves=moves))
    late = replace(given, work=replace(given.work, waited=600.0))

    if cause in LOST and moves is False:
        assert word("busy", given) is Word.ALLOWED
        assert word("busy", late) is Word.ALLOWED
    else:
        assert word("busy", given) is Word.WAITING
        assert word("busy", late) is Word.REFUSED


@pytest.mark.parametrize("moves", [True, False, None])
def test_without_work_nobody_waits(moves: bool | None) -> None:  # noqa: FBT001 - a table
    given = situation(work=Work(moves=moves, waited=9e9))

    assert word("busy", given) is Word.ALLOWED


def test_a_wait_of_no_known_length_is_over() -> None:
    work = Work(jobs=("job 7",), moves=True, waited=float("nan"))

    assert word("busy", situation(work=work)) is Word.REFUSED
