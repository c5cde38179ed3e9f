"""Jobs that take too long, and why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary.reading import Result
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import Memory
from monitor.domain.diagnosis.memory.heat import Heat
from monitor.domain.diagnosis.memory.pressure import Pressure
from monitor.domain.diagnosis.rules.speed import RULES
from monitor.domain.gpu.reading import GpuProcess, GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent, LogReading
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    GPU,
    NOW,
    RAN,
    TARGET,
    UNHEALTHY,
    UNKNOWN,
    case,
    look,
    seen,
    stale,
    well,
)

BEGAN = NOW - 20
"""When the slow run began; its evidence counts from a minute before."""


def slow(health: Health = DEGRADED, name: str = CANARY) -> Look:
    reading = replace(RAN, result=Result.SLOW, duration=9.0)
    run = seen(
        name,
        health,
        reason="slow",
        because="enhance took 9.00 s",
        reading=reading,
        at=BEGAN,
        duration=9.0,
    )
    return replace(look(name, health, reason="slow"), seen=run, grounds=run)


def found(given: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(given)]


def only(given: Case) -> Diagnosis:
    (one,) = found(given)
    return made_of(one, given.now)


def causes(given: Case) -> list[str]:
    return [one.cause for one in found(given)]


def pressed(
    *,
    by_others: float | None = None,
    on_cpu: float | None = None,
    on_host: float | None = None,
    heat: float | None = None,
) -> Memory:
    """Remember what was seen so many seconds before the run began."""

    def at(before: float | None) -> float | None:
        return None if before is None else BEGAN - before

    others = at(by_others)
    return Memory(
        heat=Heat(at=at(heat), card="the first card"),
        pressure=Pressure(
            by_others=() if others is None else (others,),
            on_cpu=at(on_cpu),
            on_host=at(on_host),
        ),
    )


EVERYTHING = pressed(by_others=0.0, on_cpu=0.0, on_host=0.0, heat=0.0)


def cards(
    *processes: GpuProcess,
    held: int | None = GPU.memory_used_bytes,
    mig: bool = False,
) -> Look:
    gpu = replace(
        GPU, processes=processes, memory_used_bytes=held, mig_enabled=mig
    )
    return look("gpu", reading=GpuReading(gpus=(gpu,)))


def on_gpu(pid: int, kind: str = "C") -> GpuProcess:
    return GpuProcess(pid=pid, name="x", kind=kind, memory_bytes=1)


def logged(kind: str = "cpu_fallback", *, undated: bool = False) -> Look:
    line = LogEvent(kind=kind, at=NOW - 900, evidence="no CUDA")
    told = replace(line, undated=undated)
    return look(
        "logs", reading=LogReading(source="x", cursor="", recent=(told,))
    )


def test_what_slows_no_canary_is_no_fault() -> None:
    assert not found(well(memory=EVERYTHING))
    assert not found(well(logged(), cards(), memory=EVERYTHING))


@pytest.mark.parametrize(
    "canary",
    [
        look(CANARY, DEGRADED, reason="too_fast"),
        look(CANARY, UNHEALTHY, reason="timeout"),
        look(CANARY, last=seen(CANARY, DEGRADED, reason="slow")),
        look(CANARY, last=seen(CANARY, UNKNOWN, reason="slow")),
        stale(CANARY),
    ],
)
def test_one_slow_run_and_other_troubles_are_not_slow(canary: Look) -> None:
    assert not found(well(canary, memory=EVERYTHING))


def test_a_slow_canary_that_nothing_explains_is_slow() -> None:
    diagnosis = only(well(slow()))

    assert diagnosis.cause == "slow"
    assert diagnosis.severity == "warning"
    assert diagnosis.because == "enhance took 9.00 s"
    assert [one.at for one in diagnosis.facts] == [BEGAN]
    assert not diagnosis.wants


def test_over_thirty_seconds_wakes_somebody() -> None:
    given = well(slow(), slow(UNHEALTHY, "canary.age"), memory=EVERYTHING)

    assert only(well(slow(UNHEALTHY))).severity == "critical"
    assert {one.health for one in found(given)} == {UNHEALTHY}


def test_before_the_machine_was_looked_at_nothing_is_certain() -> None:
    gpu = replace(look("gpu"), seen=seen("gpu", at=BEGAN + 8.9))
    host = replace(look("host"), seen=seen("host", at=BEGAN + 8.9))
    after = replace(look("host"), seen=seen("host", at=BEGAN + 9.0))

    assert only(well(slow(), gpu, host)).wants == ("gpu", "host")
    assert only(well(slow(), gpu, after)).wants == ("gpu",)
    assert not only(well(slow(), stale("gpu"), stale("host"))).wants
    assert not only(case(slow())).wants


class TestHeat:
    def test_heat_explains_it(self) -> None:
        diagnosis = only(well(slow(), memory=pressed(heat=60.0)))

        assert diagnosis.cause == "thermal_throttling"
        assert diagnosis.because == (
            "heat slows the first card down: enhance took 9.00 s"
        )
        assert {one.key.check for one in diagnosis.facts} == {CANARY, "gpu"}

    def test_heat_long_before_does_not(self) -> None:
        memory = pressed(heat=61.0)

        assert only(well(slow(), memory=memory)).cause == "slow"

    def test_a_card_without_a_name_is_its_gpu(self) -> None:
        memory = Memory(heat=Heat(at=NOW))

        assert "its GPU" in only(case(slow(), memory=memory)).because


class TestFallback:
    def test_a_process_on_the_cpu_and_on_no_gpu_fell_back(self) -> None:
        given = well(slow(), cards(on_gpu(4711)), memory=pressed(on_cpu=60.0))

        diagnosis = only(given)

        assert diagnosis.cause == "cpu_fallback"
        assert diagnosis.remedies == ("restart",)

    def test_an_empty_card_proves_it_as_well(self) -> None:
        memory = pressed(on_cpu=0.0)
        empty = cards(held=99 * 1024**2)
        held = cards(held=100 * 1024**2)
        unknown = cards(held=None)
        other = replace(TARGET, gpus=(7,))

        assert causes(well(slow(), empty, memory=memory)) == ["cpu_fallback"]
        for gpu in (held, unknown):
            assert causes(well(slow(), gpu, memory=memory)) == ["slow"]
        given = well(slow(), empty, memory=memory, target=other)
        assert causes(given) == ["slow"]

    @pytest.mark.parametrize("on_cpu", [None, 61.0])
    def test_a_process_that_idles_did_not(self, on_cpu: float | None) -> None:
        given = well(slow(), cards(on_gpu(1)), memory=pressed(on_cpu=on_cpu))

        assert causes(given) == ["slow"]

    @pytest.mark.parametrize("kind", ["C", "C+G"])
    def test_a_process_on_the_gpu_did_not_whatever_the_log_says(
        self, kind: str
    ) -> None:
        given = well(
            slow(),
            logged(),
            cards(on_gpu(812, kind)),
            memory=pressed(on_cpu=0.0),
        )

        assert causes(given) == ["slow"]

    def test_one_that_only_draws_there_did(self) -> None:
        given = well(
            slow(), cards(on_gpu(812, "G")), memory=pressed(on_cpu=0.0)
        )

        assert causes(given) == ["cpu_fallback"]

    def test_under_mig_nobody_knows(self) -> None:
        given = well(
            slow(),
            cards(on_gpu(1), mig=True),
            memory=pressed(on_cpu=0.0),
        )

        assert causes(given) == ["slow"]

    @pytest.mark.parametrize("missing", ["gpu", "process"])
    def test_without_evidence_nobody_knows(self, missing: str) -> None:
        memory = pressed(on_cpu=0.0)

        for blind in (
            well(slow(), memory=memory, without=(missing,)),
            well(
                slow(),
                look("gpu", reading=GpuReading()),
                memory=memory,
            ),
        ):
            assert causes(blind) == ["slow"]

    def test_its_log_explains_a_slow_canary(self) -> None:
        given = well(slow(), logged(), cards(on_gpu(1)))

        diagnosis = only(given)

        assert diagnosis.cause == "cpu_fallback"
        assert diagnosis.because.startswith('its log says so ("no CUDA")')

    @pytest.mark.parametrize(
        "logs", [logged(undated=True), logged("tensorrt_fallback")]
    )
    def test_other_lines_do_not(self, logs: Look) -> None:
        assert causes(well(slow(), logs, cards(on_gpu(1)))) == ["slow"]

    def test_without_canaries_the_log_alone_is_a_suspicion(self) -> None:
        given = case(logged(), cards(on_gpu(1)), look("process"))

        diagnosis = only(given)

        assert diagnosis.cause == "cpu_fallback"
        assert diagnosis.severity == "warning"
        assert diagnosis.because == 'suspected: its log says "no CUDA"'
        assert not found(case(logged(), cards(on_gpu(812)), look("process")))
        assert not found(case(logged("job_failed")))
        assert not found(case(stale("logs")))


class TestOthers:
    def test_others_work_explains_it(self) -> None:
        diagnosis = only(well(slow(), memory=pressed(by_others=60.0)))

        assert diagnosis.cause == "gpu_busy"
        assert diagnosis.remedies == ()

    def test_others_work_long_before_does_not(self) -> None:
        memory = pressed(by_others=61.0)

        assert causes(well(slow(), memory=memory)) == ["slow"]


class TestHost:
    def test_load_explains_it(self) -> None:
        memory = pressed(on_host=60.0)

        assert causes(well(slow(), memory=memory)) == ["host_overloaded"]
        assert causes(well(slow(), memory=pressed(on_host=61.0))) == ["slow"]
        assert causes(case(slow(), memory=memory)) == ["slow"]

    @pytest.mark.parametrize("reason", ["overloaded", "memory_low"])
    def test_a_strained_machine_explains_it(self, reason: str) -> None:
        given = well(slow(), look("host", DEGRADED, reason=reason))

        diagnosis = only(given)

        assert diagnosis.cause == "host_overloaded"
        assert diagnosis.because.startswith(f"host says {reason}: ")

    def test_another_trouble_of_the_machine_does_not(self) -> None:
        given = well(slow(), look("host", DEGRADED, reason="disk_low"))

        assert causes(given) == ["slow"]


def test_all_that_explains_it_is_told() -> None:
    given = well(slow(), cards(on_gpu(1)), memory=EVERYTHING)

    assert causes(given) == [
        "thermal_throttling",
        "cpu_fallback",
        "gpu_busy",
        "host_overloaded",
    ]


AGES = st.none() | st.floats(-1e4, 1e4)


@given(others=AGES, cpu=AGES, host=AGES, heat=AGES)
def test_a_slow_canary_is_always_explained_or_slow(
    others: float | None,
    cpu: float | None,
    host: float | None,
    heat: float | None,
) -> None:
    memory = pressed(by_others=others, on_cpu=cpu, on_host=host, heat=heat)

    told = causes(well(slow(), memory=memory))

    assert told
    assert ("slow" in told) == (len(told) == 1 and told == ["slow"])
    assert not found(well(memory=memory))


def excused(health: Health = UNKNOWN, reason: str = "slow") -> Look:
    """Return a canary whose last run was slow while the server was busy."""
    (run,) = (one for one in [slow().grounds] if one is not None)
    return look(CANARY, last=replace(run, health=health, reason=reason))


def others(*ago: float, process: float | None = 1.0) -> Memory:
    return Memory(
        pressure=Pressure(
            by_others=tuple(NOW - one for one in ago),
            process_at=None if process is None else NOW - process,
        )
    )


def test_others_work_that_lasts_is_named_though_it_excuses_a_run() -> None:
    one = only(well(excused(), memory=others(60, 45, 30)))

    assert (one.cause, one.health) == ("gpu_busy", DEGRADED)
    assert one.severity == "warning"
    assert "enhance took 9.00 s" in one.because
    assert {fact.key.check for fact in one.facts} == {CANARY, "gpu"}
    assert causes(well(excused(), memory=others(9, 8, 7), without=["gpu"]))


@pytest.mark.parametrize(
    "memory",
    [
        others(60, 45),
        others(600, 500, 400),
        others(60, 45, 30, process=None),
        others(60, 45, 30, process=40.0),
        Memory(),
    ],
    ids=["a moment", "long ago", "nobody sees", "not sure yet", "none"],
)
def test_what_may_be_its_own_users_work_is_no_fault(memory: Memory) -> None:
    assert causes(well(excused(), memory=memory)) == []


@pytest.mark.parametrize(
    "canary", [excused(DEGRADED), excused(reason="unverified"), look(CANARY)]
)
def test_a_run_that_was_not_excused_is_no_sign_of_others(
    canary: Look,
) -> None:
    assert causes(well(canary, memory=others(60, 45, 30))) == []


def test_a_canary_that_runs_seldom_speaks_for_a_quarter_of_an_hour() -> None:
    old = seen(CANARY, DEGRADED, reason="slow", at=BEGAN - 3000)
    seldom = replace(slow(name="canary.swap"), seen=old, grounds=old)

    def cause(before: float) -> list[str]:
        return causes(well(slow(), seldom, memory=pressed(heat=before)))

    assert cause(960) == ["thermal_throttling"]
    assert cause(961) == ["slow"]
