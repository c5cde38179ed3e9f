from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import NOTHING, Memory
from monitor.domain.diagnosis.memory.last_words import LastWords
from monitor.domain.diagnosis.memory.work import Sample, Work
from monitor.domain.diagnosis.rules.cuda import RULES
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import WORDS
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.kernel.event import KernelReading, XidEvent
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    HEALTHY,
    NOW,
    TARGET,
    UNHEALTHY,
    UNKNOWN,
    look,
    machine_reading,
    seen,
    service_reading,
    stale,
    well,
)
from tests.domain.machine_parts import BOOT
from tests.domain.service_parts import container, process, unit

LINE = "CUDA failure 700: an illegal memory access was encountered"
DOCKER = replace(TARGET, manager="docker")


def found(case: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(case)]


def event(kind: str, ago: float = 30.0, *, undated: bool = False) -> LogEvent:
    return LogEvent(kind=kind, at=NOW - ago, evidence=LINE, undated=undated)


def log(*events: LogEvent) -> Look:
    reading = LogReading(source="journal", cursor="1", recent=events)
    return look("logs", DEGRADED, reason=events[0].kind, reading=reading)


def said(kind: str, ago: float = 30.0, *, undated: bool = False) -> Look:
    return log(event(kind, ago, undated=undated))


FAULT = said("cuda_fault")
QUIET = look(CANARY, last_success=NOW - 600)
"""A canary that last ran well before anything was said."""
FAILED = look(CANARY, UNHEALTHY, reason="processing_failed")
DOWN = look("status", UNHEALTHY, reason="timeout", last_success=NOW - 31)


def test_a_healthy_server_has_no_cuda_error() -> None:
    assert found(well()) == []
    assert found(well(without=("logs", "host", "process"))) == []
    assert found(well(stale("logs"), stale("host"))) == []


def test_a_cuda_error_that_a_canary_confirms_is_a_fault() -> None:
    (one,) = found(well(FAULT, FAILED))

    assert (one.cause, one.health) == ("cuda_fault", None)
    assert one.remedies is None
    assert LINE in one.because
    assert "the log said at " in one.because
    assert [fact.key.check for fact in one.facts] == ["logs", CANARY]
    assert one.facts[0].at == NOW - 30


@pytest.mark.parametrize("check", ["status", "process"])
def test_a_cuda_error_beside_a_server_that_is_down_is_a_fault(
    check: str,
) -> None:
    down = look(check, UNHEALTHY, reason="timeout")

    (one,) = found(well(FAULT, QUIET, down))

    assert one.health is None


def test_a_cuda_error_is_suspected_until_a_canary_has_run() -> None:
    (one,) = found(well(FAULT, QUIET))

    assert (one.cause, one.health) == ("cuda_fault", DEGRADED)
    assert one.remedies == ()
    assert one.because.endswith("no canary has run since")


def test_a_cuda_error_where_no_canary_could_contradict_is_a_fault() -> None:
    (one,) = found(well(FAULT, without=(CANARY,)))

    assert one.health is None


def test_a_canary_that_succeeded_after_it_disproves_a_cuda_error() -> None:
    down = look("status", UNHEALTHY, reason="timeout")

    assert found(well(FAULT)) == []
    assert found(well(FAULT, down)) == []


def test_a_canary_that_was_begun_before_it_disproves_nothing() -> None:
    assert found(well(FAULT, look(CANARY, last_success=NOW - 30)))
    assert not found(well(FAULT, look(CANARY, last_success=NOW - 29)))


def test_a_canary_that_failed_long_before_it_confirms_nothing() -> None:
    before = look(CANARY, UNHEALTHY, reason="timeout", at=NOW - 100)

    (one,) = found(well(FAULT, before))

    assert one.health is DEGRADED


def test_a_canary_that_ended_about_then_confirms_it() -> None:
    ran = look(CANARY, UNHEALTHY, reason="timeout", at=NOW - 110)
    assert ran.grounds is not None
    long = replace(ran.grounds, duration=20.0)

    (one,) = found(well(FAULT, replace(ran, seen=long, grounds=long)))

    assert one.health is None


def test_a_job_of_anybody_that_went_well_after_it_disproves_it() -> None:
    after = log(event("cuda_fault"), event("job_succeeded", 5))
    before = log(event("job_succeeded", 40), event("cuda_fault"))

    assert found(well(after, without=(CANARY,))) == []
    assert found(well(before, without=(CANARY,)))


def working(at: float, *, on_gpu: bool | None) -> Work:
    sample = Sample(at=at, pid=812, working=True, on_gpu=on_gpu, cpu_ratio=1.0)
    return Work(samples=(sample,))


@pytest.mark.parametrize(
    ("ago", "on_gpu", "over"),
    [
        (5.0, True, True),
        (20.0, True, False),
        (5.0, False, False),
        (5.0, None, False),
    ],
)
def test_a_gpu_that_works_for_it_again_disproves_a_cuda_error(
    ago: float, *, on_gpu: bool | None, over: bool
) -> None:
    memory = replace(NOTHING, work=working(NOW - ago, on_gpu=on_gpu))

    assert bool(found(well(FAULT, QUIET, DOWN, memory=memory))) is not over


def test_a_line_of_the_server_before_is_nothing() -> None:
    young = service_reading(processes=[process(started_at=NOW - 27)])
    old = service_reading(processes=[process(started_at=NOW - 28)])

    assert found(well(FAULT, FAILED, look("process", reading=young))) == []
    assert found(well(FAULT, FAILED, look("process", reading=old)))


def test_a_line_of_unknown_age_is_evidence_beside_what_is_down() -> None:
    line = said("cuda_fault", undated=True)

    assert found(well(line, QUIET)) == []
    assert found(well(line, without=(CANARY,))) == []
    (one,) = found(well(line, FAILED))
    assert "nobody knows when" in one.because
    assert one.health is None


def test_a_server_that_somebody_stopped_confirms_nothing() -> None:
    stopped = look("process", UNHEALTHY, reason="stopped")

    (one,) = found(well(FAULT, QUIET, DOWN, stopped))

    assert one.health is DEGRADED


def test_a_log_that_cannot_be_read_now_still_said_what_it_said() -> None:
    unread = seen(
        "logs",
        UNKNOWN,
        reason="timeout",
        reading=LogReading(source="journal", cursor="1"),
    )

    assert found(well(replace(FAULT, seen=unread), FAILED))
    assert not found(well(replace(FAULT, seen=unread, grounds=None), FAILED))


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_a_line_is_compared_by_our_own_clock(ahead: float) -> None:
    """The host's clock is an hour wrong."""
    line = LogEvent(kind="cuda_fault", at=NOW - 30 + ahead, evidence=LINE)
    server = service_reading(processes=[process(started_at=NOW - 9000)])
    clock = look("host", reading=machine_reading(clock=ahead))
    quiet = look(CANARY, last_success=NOW - 31)
    own = look("process", reading=server)

    (one,) = found(well(log(line), clock, own, quiet))
    assert one.facts[0].at == NOW - 30
    assert not found(well(log(line), clock, own))


def test_a_service_tells_the_time_where_the_machine_does_not() -> None:
    reading = replace(service_reading(), now=NOW + 3600 - 0.9)
    line = LogEvent(kind="cuda_fault", at=NOW + 3570, evidence=LINE)
    own = look("process", reading=reading)

    (one,) = found(well(log(line), own, QUIET, without=("host",)))

    assert one.facts[0].at == pytest.approx(NOW - 30, abs=0.01)


def test_a_host_that_tells_no_time_has_ours() -> None:
    reading = replace(service_reading(), now=None)
    machine = replace(machine_reading(), clock_offset=None)
    looks = look("process", reading=reading), look("host", reading=machine)

    (one,) = found(well(FAULT, QUIET, *looks))

    assert one.facts[0].at == NOW - 30


def kernel(*xids: XidEvent) -> Look:
    known = KernelReading(source="kmsg", cursor="1", boot_id=BOOT, xids=xids)
    return look("host", reading=machine_reading(kernel=known))


def xid(number: int, pid: int | None = 812, ago: float = 30.0) -> XidEvent:
    return XidEvent(
        boot_id=BOOT,
        at=NOW - ago,
        pci_bus_id="0000:01:00",
        xid=number,
        pid=pid,
    )


@pytest.mark.parametrize("number", [8, 13, 31, 43, 69, 94])
def test_an_xid_of_its_process_is_a_cuda_fault(number: int) -> None:
    (one,) = found(well(kernel(xid(number)), FAILED))

    assert one.cause == "cuda_fault"
    assert f"of its process 812: Xid {number} (" in one.because
    assert [fact.key.check for fact in one.facts] == ["host", CANARY]


@pytest.mark.parametrize(
    "other",
    [
        xid(31, pid=900),
        xid(31, pid=None),
        xid(45),
        xid(63),
        xid(31, ago=3603),
    ],
)
def test_other_xids_are_none(other: XidEvent) -> None:
    """Of strangers, of a kill, harmless, or of a pid that is used again."""
    assert found(well(kernel(other), FAILED)) == []


def test_an_xid_of_the_moment_its_process_started_is_its_own() -> None:
    """A start is worked out from clock ticks: it may be told too late."""
    assert found(well(kernel(xid(31, ago=3602)), FAILED))


def test_an_xid_is_told_by_our_own_clock() -> None:
    ahead = 500.0
    there = xid(31, ago=30 - ahead)
    known = KernelReading(
        source="kmsg", cursor="1", boot_id=BOOT, xids=(there,)
    )
    reading = machine_reading(kernel=known, clock=ahead)

    (one,) = found(well(look("host", reading=reading), FAILED))

    assert one.facts[0].at == NOW - 30


def test_the_newest_error_that_nothing_disproves_counts() -> None:
    (one,) = found(
        well(kernel(xid(31, ago=10), xid(13, ago=20)), FAULT, QUIET)
    )

    assert "Xid 31" in one.because


def test_programs_that_keep_failing_on_a_card_have_it_checked() -> None:
    thrice = [xid(13, ago=ago) for ago in (80_000, 5000, 30)]

    (one,) = found(well(kernel(*thrice), FAILED))
    assert "came 3 times in 24 h: have the card checked" in one.because
    (two,) = found(well(kernel(*thrice[1:]), FAILED))
    assert "have the card checked" not in two.because


KINDS = ("model_files_corrupt", "dependency_missing")


def causes(found_ones: Iterable[Finding]) -> list[str]:
    return [one.cause for one in found_ones]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", ["status", "process", CANARY])
def test_what_the_log_misses_counts_beside_what_it_brought_down(
    kind: str, check: str
) -> None:
    down = look(check, UNHEALTHY, reason="any", last_success=NOW - 40)

    (one,) = found(well(said(kind), QUIET, down))

    assert (one.cause, one.health) == (kind, None)
    assert LINE in one.because
    assert [fact.key.check for fact in one.facts] == ["logs", check]


@pytest.mark.parametrize("kind", [*KINDS, "cuda_unavailable"])
def test_a_line_that_brought_nothing_down_is_nothing(kind: str) -> None:
    late = look("status", UNHEALTHY, reason="any", last_success=NOW - 10)

    assert found(well(said(kind), QUIET)) == []
    assert found(well(said(kind, 71), late, QUIET)) == []
    assert found(well(said(kind, 70), late, QUIET))


def starting(health: str = "", **fields: object) -> Look:
    reading = service_reading(
        processes=[process(started_at=NOW - 50)], **fields
    )
    opinion = UNHEALTHY if health else HEALTHY
    return look("process", opinion, reason=health, reading=reading)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_starts_is_down_for_that_reason(kind: str) -> None:
    old = replace(TARGET, start_grace=50.0)

    assert found(well(said(kind), DOWN, QUIET, starting())) == []
    assert found(well(said(kind), DOWN, QUIET, starting(), target=old))
    loop = starting("crash_loop")
    assert causes(found(well(said(kind), DOWN, QUIET, loop))) == [kind]


def test_a_server_that_starts_this_moment_is_starting() -> None:
    line = said("dependency_missing", -1)
    reading = service_reading(processes=[process(started_at=NOW)])
    own = look("process", reading=replace(reading, now=NOW))

    assert found(well(line, DOWN, QUIET, own)) == []


def restarting(status: int | None, code: str = "exited") -> Look:
    reading = service_reading(
        processes=[],
        unit=unit(
            active_state="activating",
            sub_state="auto-restart",
            exit_code=code,
            exit_status=status,
        ),
    )
    return look("process", DEGRADED, reason="starting", reading=reading)


@pytest.mark.parametrize(
    ("status", "code", "sure"),
    [
        (2, "exited", True),
        (2, "", True),
        (2, "killed", False),
        (1, "exited", False),
        (None, "", False),
    ],
)
def test_a_start_that_failed_a_check_is_certain_at_once(
    status: int | None, code: str, *, sure: bool
) -> None:
    case = well(
        said("dependency_missing"), DOWN, QUIET, restarting(status, code)
    )

    assert bool(found(case)) is sure
    for one in found(case):
        assert [fact.key.check for fact in one.facts] == [
            "logs",
            "process",
            "status",
        ]


def test_a_unit_that_nobody_sees_failed_no_check() -> None:
    unseen = service_reading(processes=[], unit=None)
    line = said("dependency_missing")
    own = look("process", DEGRADED, reason="starting", reading=unseen)

    assert found(well(line, DOWN, QUIET, own)) == []
    blind = look("process", UNKNOWN, reason="starting")
    assert found(well(line, DOWN, QUIET, blind)) == []


def test_a_server_without_a_process_check_is_not_starting() -> None:
    line = said("dependency_missing")

    assert found(well(line, DOWN, QUIET, without=("process",)))


NO_DEVICE = said("cuda_unavailable")
BAD_GPU = look("gpu", UNHEALTHY, reason="timeout")


@pytest.mark.parametrize(
    ("target", "without", "cause", "remedies"),
    [
        (DOCKER, (), "container_gpu_lost", None),
        (DOCKER, ("gpu",), "driver_mismatch", None),
        (TARGET, ("gpu",), "driver_mismatch", None),
        (TARGET, (), "driver_mismatch", ()),
    ],
)
def test_a_driver_that_refuses_is_the_hosts_or_the_containers_fault(
    target: Target,
    without: tuple[str, ...],
    cause: str,
    remedies: tuple[object, ...] | None,
) -> None:
    case = well(NO_DEVICE, FAILED, target=target, without=without)

    (one,) = found(case)

    assert (one.cause, one.remedies) == (cause, remedies)
    assert one.health is None
    assert LINE in one.because
    checks = [fact.key.check for fact in one.facts]
    assert ("gpu" in checks) is ("gpu" not in without)


def test_a_container_on_a_host_whose_driver_is_sick_lost_no_leave() -> None:
    (one,) = found(well(NO_DEVICE, FAILED, BAD_GPU, target=DOCKER))

    assert one.cause == "driver_mismatch"


def test_a_container_that_starts_is_given_time() -> None:
    reading = service_reading(
        processes=[process(started_at=NOW - 35)],
        unit=container(),
    )
    own = look("process", reading=reading)

    assert found(well(NO_DEVICE, DOWN, QUIET, own, target=DOCKER)) == []


WORDS_AND_TIMES = st.lists(
    st.builds(
        LogEvent,
        kind=st.sampled_from(sorted(WORDS)),
        at=st.floats(min_value=-1e12, max_value=1e12),
        evidence=st.text(max_size=20),
        undated=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(events=WORDS_AND_TIMES, down=st.booleans(), canary=st.booleans())
def test_a_line_alone_is_never_more_than_a_suspicion(
    events: list[LogEvent], *, down: bool, canary: bool
) -> None:
    looks = (log(*events), *((DOWN,) if down else ()))
    case = well(*looks, *(() if canary else (QUIET,)))

    for one in found(case):
        assert one.because
        assert down or one.health is DEGRADED


LOOPS = look("process", UNHEALTHY, reason="crash_loop", at=NOW - 1)
SILENT_LOG = look("logs", reading=LogReading(source="journal", cursor="9"))
"""It tells nothing of the present start yet."""


def remembered(kind: str, ago: float) -> Memory:
    seen = said(kind, ago).seen
    assert seen is not None
    return Memory(last_words=LastWords().learn(seen))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("loop", "health"), [(UNHEALTHY, None), (DEGRADED, DEGRADED)]
)
def test_in_a_loop_the_words_of_the_start_before_count(
    kind: str, loop: Health, health: Health | None
) -> None:
    process = look("process", loop, reason="crash_loop", at=NOW - 1)
    memory = remembered(kind, 500)

    (one,) = found(well(SILENT_LOG, process, memory=memory))

    assert (one.cause, one.health) == (kind, health)
    assert [fact.key.check for fact in one.facts] == ["logs", "process"]


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_before_count_in_a_loop_only_and_not_for_ever(
    kind: str,
) -> None:
    down = look("process", UNHEALTHY, reason="process_down")
    memory = remembered(kind, 500)
    old = remembered(kind, 700)

    assert found(well(SILENT_LOG, memory=memory)) == []
    assert found(well(SILENT_LOG, down, memory=memory)) == []
    assert found(well(SILENT_LOG, LOOPS, memory=old)) == []
    assert found(well(SILENT_LOG, LOOPS)) == []
    assert found(well(LOOPS, without=("logs",), memory=memory)) == []
