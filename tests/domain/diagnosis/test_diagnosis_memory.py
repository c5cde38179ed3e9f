from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import Remedy
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import NOTHING
from monitor.domain.diagnosis.memory.floor import STRETCH, Floor, Floors
from monitor.domain.diagnosis.rules.memory import RULES
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.joblog.reading import LogEvent, LogReading
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    GPU,
    NOW,
    TARGET,
    UNHEALTHY,
    look,
    seen,
    well,
)
from tests.domain.machine_parts import GIB

OTHER = replace(GPU, uuid="GPU-2", index=1, pci_bus_id="00000000:02:00.0")
LINE = "CUDA failure 2: out of memory"
OWN = (Remedy.RESTART, Remedy.FREE_GPU_MEMORY)
QUIET = look(CANARY, last_success=NOW - 600)
ANSWER = f'answered 500: "{LINE}"'


def found(case: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(case)]


def log(ago: float = 30.0, *, undated: bool = False, more: str = "") -> Look:
    kinds = ["out_of_memory", *([more] if more else [])]
    events = tuple(
        LogEvent(kind=kind, at=NOW - ago, evidence=LINE, undated=undated)
        for kind in kinds
    )
    reading = LogReading(source="journal", cursor="1", recent=events)
    return look("logs", DEGRADED, reason=kinds[0], reading=reading)


def failed(because: str = ANSWER) -> Look:
    return look(CANARY, UNHEALTHY, reason="processing_failed", because=because)


def gpu(*owners: tuple[str, str, int], free: int | None = GIB) -> Look:
    card = replace(GPU, memory_free_bytes=free)
    return look("gpu", reading=GpuReading(gpus=(card, OTHER), owners=owners))


def test_a_healthy_server_has_memory() -> None:
    assert found(well()) == []
    assert found(well(without=("logs", "gpu", CANARY))) == []


def test_memory_that_a_canary_misses_has_run_out() -> None:
    (one,) = found(well(failed()))

    assert (one.cause, one.health) == ("gpu_memory_exhausted", None)
    assert ANSWER in one.because
    assert "GPU 0: 21.0 GiB of 24.0 GiB free" in one.because
    assert "held by studio itself with 2.0 GiB" in one.because
    assert one.remedies == OWN
    assert {fact.key.check for fact in one.facts} == {CANARY, "gpu"}


def test_another_failure_is_not_about_memory() -> None:
    assert found(well(failed("answered 500: no face"))) == []


def test_one_answer_is_a_suspicion_until_it_is_believed() -> None:
    last = seen(CANARY, UNHEALTHY, because=ANSWER, reason="processing_failed")

    (one,) = found(well(look(CANARY, last=last, last_success=NOW - 60)))

    assert one.health is DEGRADED


def test_a_canary_that_was_never_run_says_nothing() -> None:
    unseen = replace(failed(), seen=None, grounds=None)

    assert found(well(unseen)) == []


def test_memory_that_only_the_log_misses_is_a_suspicion() -> None:
    (one,) = found(well(log(), QUIET))

    assert (one.health, one.remedies) == (DEGRADED, ())
    assert LINE in one.because


@pytest.mark.parametrize("check", ["status", "process", CANARY])
def test_a_line_beside_what_went_down_is_believed(check: str) -> None:
    down = look(check, UNHEALTHY, reason="any", last_success=NOW - 40)

    (one,) = found(well(log(), QUIET, down))

    assert one.health is None


def test_a_canary_that_succeeded_since_disproves_it() -> None:
    assert found(well(log())) == []


def test_a_job_that_went_well_since_disproves_it() -> None:
    assert found(well(log(more="job_succeeded"), QUIET)) == []


def test_without_canaries_a_line_is_soon_old() -> None:
    assert found(well(log(300), without=(CANARY,)))
    assert not found(well(log(301), without=(CANARY,)))
    assert found(well(log(301), QUIET))


def test_a_server_that_is_silent_hours_later_has_another_reason() -> None:
    """A video job keeps it busy, say."""
    late = look("status", UNHEALTHY, reason="timeout", last_success=NOW - 30)

    assert found(well(log(7200), late, without=(CANARY,))) == []


def test_a_line_of_unknown_age_alone_is_nothing() -> None:
    assert found(well(log(undated=True), QUIET)) == []
    assert found(well(log(undated=True), failed("answered 500")))


def test_others_that_hold_most_are_named_and_nothing_is_suggested() -> None:
    card = gpu(
        ("GPU-1", "studio", GIB),
        ("GPU-1", "second", 2 * GIB),
        ("GPU-1", "other", 20 * GIB),
    )

    (one,) = found(well(failed(), card))

    assert one.remedies == ()
    assert (
        "held by studio itself with 1.0 GiB, programs that are none of ours"
        " with 20.0 GiB, second with 2.0 GiB: others hold most" in one.because
    )


def test_a_server_that_holds_half_may_be_restarted() -> None:
    card = gpu(("GPU-1", "studio", GIB), ("GPU-1", "other", GIB))

    (one,) = found(well(failed(), card))

    assert one.remedies == OWN
    assert "others hold most" not in one.because


def test_only_the_cards_that_it_uses_are_looked_at() -> None:
    card = gpu(("GPU-1", "studio", GIB), ("GPU-2", "other", 20 * GIB))

    (one,) = found(well(failed(), card, target=replace(TARGET, gpus=(0,))))

    assert one.remedies == OWN
    assert "GPU 1" not in one.because
    (both,) = found(well(failed(), card))
    assert both.remedies == ()


def test_where_nobody_knows_who_holds_it_nothing_is_suggested() -> None:
    (one,) = found(well(failed(), gpu(free=None)))
    assert one.remedies == ()
    assert "GPU 0: how much is free is not known" in one.because
    assert one.because.endswith("by whom is not known")
    (blind,) = found(well(failed(), without=("gpu",)))
    assert blind.remedies == ()
    assert blind.because.endswith("who holds it is not known")


def test_the_newest_sign_is_told() -> None:
    (one,) = found(well(log(5), failed()))

    assert ANSWER in one.because
    (older,) = found(well(log(0), failed()))
    assert "the log said" in older.because


GROWN = replace(
    NOTHING,
    floors=Floors(
        floors=tuple(
            Floor(stretch=int(NOW // STRETCH) + place, held=place * GIB)
            for place in range(1, 9)
        )
    ),
)


def test_a_floor_that_rises_is_a_leak() -> None:
    (one,) = found(well(memory=GROWN))

    assert one.cause == "gpu_memory_leak"
    assert one.because == (
        "what it holds of the GPU's memory while idle grew from 1.0 GiB to"
        " 7.0 GiB in 1 h 0 min, in 6 steps, and never fell"
    )
    assert one.remedies is None
    assert [fact.key.check for fact in one.facts] == ["gpu"]


def test_a_leak_is_forgotten_when_the_gpus_are_out_of_sight() -> None:
    assert found(well(memory=GROWN, without=("gpu",))) == []
    none = gpu(("GPU-1", "other", GIB))
    assert found(well(none, memory=GROWN)) == []
