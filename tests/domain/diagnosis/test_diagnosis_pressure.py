"""Whose load is remembered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.memory import NOTHING, learn
from monitor.domain.diagnosis.memory.pressure import KEPT, Pressure
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from tests.domain.diagnosis.cases import (
    CANARY,
    GPU,
    TARGET,
    machine_reading,
    seen,
    service_reading,
)

OTHERS = (("GPU-1", "other", 4096),)


def cards(
    at: float,
    load: float | None = 0.9,
    owners: tuple[tuple[str, str, int], ...] = OTHERS,
) -> Observation:
    gpu = replace(GPU, utilization_ratio=load)
    reading = GpuReading(gpus=(gpu,), owners=owners)
    return seen("gpu", reading=reading, at=at)


def process(at: float, cpu: float | None = 0.0, pid: int = 812) -> Observation:
    usual = service_reading()
    server = replace(usual.processes[0], pid=pid)
    told = replace(usual, cpu_ratio=cpu, processes=(server,))
    return seen("process", reading=told, at=at)


def canary(at: float, duration: float) -> Observation:
    return seen(CANARY, at=at, duration=duration)


def host(at: float, load1: float | None) -> Observation:
    told = replace(machine_reading(), load1=load1, cpus=8)
    return seen("host", reading=told, at=at)


def after(*looks: Observation) -> Pressure:
    pressure = Pressure()
    for one in looks:
        pressure = pressure.learn(TARGET, one)
    return pressure


def test_others_who_load_its_card_are_remembered() -> None:
    assert after(process(1.0), cards(5.0)).by_others == (5.0,)


def test_load_without_others_on_the_card_is_not_theirs() -> None:
    ours = (("GPU-1", "studio", 4096), ("GPU-1", "other", 0))
    elsewhere = (("GPU-2", "other", 4096),)

    assert after(process(1.0), cards(5.0, 0.9, ours)).by_others == ()
    assert after(process(1.0), cards(5.0, 0.9, elsewhere)).by_others == ()


def test_others_who_only_hold_memory_are_no_load() -> None:
    assert after(process(1.0), cards(5.0, 0.49)).by_others == ()
    assert after(process(1.0), cards(5.0, None)).by_others == ()


def test_without_a_look_at_the_process_nobody_knows_whose_load_it_is() -> None:
    assert after(cards(5.0)).by_others == ()


def test_load_during_a_canary_is_its_own() -> None:
    pressure = after(
        process(1.0), cards(5.0), cards(12.0), cards(21.0), canary(10.0, 5.0)
    )

    assert pressure.by_others == (5.0, 21.0)


def test_load_while_the_process_works_is_its_users() -> None:
    pressure = after(process(1.0), cards(5.0), process(10.0, 0.5))

    assert pressure.by_others == ()


def test_work_at_a_canary_does_not_make_others_load_its_own() -> None:
    pressure = after(
        process(1.0), canary(2.0, 3.0), cards(8.0), process(10.0, 0.5)
    )

    assert pressure.by_others == (8.0,)


def test_a_process_that_first_shows_at_work_says_nothing_of_before() -> None:
    assert after(process(1.0, 0.9), cards(5.0)).by_others == (5.0,)


def test_a_process_on_the_cpu_is_remembered_while_it_lives() -> None:
    busy = after(process(1.0, 0.5), process(9.0, 0.4))

    assert busy.on_cpu == 1.0
    assert busy.learn(TARGET, process(12.0, None, pid=900)).on_cpu is None


def test_a_process_that_is_gone_is_forgotten() -> None:
    gone = seen(
        "process", reading=replace(service_reading(), processes=()), at=9.0
    )

    assert after(process(1.0, 0.5), gone).on_cpu is None


def test_a_loaded_machine_is_remembered() -> None:
    assert after(host(1.0, 12.1), host(9.0, 12.0)).on_host == 1.0
    assert after(host(1.0, None)).on_host is None


def test_other_looks_change_nothing() -> None:
    assert after(seen("status")) == Pressure()


TIMES = st.floats(0, 1e6)


@given(
    st.lists(
        st.builds(cards, TIMES)
        | st.builds(process, TIMES, st.floats(0, 1))
        | st.builds(canary, TIMES, st.floats(0, 600))
        | st.builds(host, TIMES, st.floats(0, 99))
    )
)
def test_memory_is_bounded_and_in_order_of_time(
    looks: list[Observation],
) -> None:
    pressure = after(*looks)

    times = list(pressure.by_others)
    assert len(times) <= KEPT
    assert len(pressure.runs) <= KEPT
    assert times == sorted(set(times))


def test_a_servers_memory_learns_whose_load_it_is() -> None:
    memory = learn(NOTHING, TARGET, process(1.0, 0.7))
    memory = learn(memory, TARGET, cards(5.0))

    assert memory.pressure.on_cpu == 1.0
    assert memory.pressure.by_others == (5.0,)
