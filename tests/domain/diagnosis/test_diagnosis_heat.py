from dataclasses import replace

import pytest

from monitor.domain.diagnosis.memory import NOTHING, learn
from monitor.domain.diagnosis.memory.cards import used
from monitor.domain.diagnosis.memory.heat import Heat
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from tests.domain.diagnosis.cases import GPU, NOW, TARGET, seen

OTHER = replace(GPU, uuid="GPU-2", index=1, pci_bus_id="00000000:02:00.0")


def hot(gpu: Gpu, *names: str, off: tuple[str, ...] = ()) -> Gpu:
    events = [(name, True) for name in names] + [(name, False) for name in off]
    return replace(gpu, clock_events=tuple(events))


@pytest.mark.parametrize(
    "names",
    [
        ("hw_slowdown",),
        ("hw_thermal_slowdown",),
        ("sw_thermal_slowdown",),
        ("hw_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown"),
    ],
)
def test_heat_that_slows_a_used_card_is_remembered(
    names: tuple[str, ...],
) -> None:
    look = seen("gpu", reading=GpuReading(gpus=(hot(GPU, *names),)))

    heat = Heat().learn(TARGET, look)

    assert heat.at == NOW - 1
    assert heat.card == "NVIDIA GeForce RTX 3090 at 00000000:01:00.0"
    assert heat.reasons == tuple(n for n in names if "brake" not in n)


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("sw_power_cap",),
        ("gpu_idle",),
        ("hw_slowdown", "hw_power_brake_slowdown"),
        ("hw_slowdown", "hw_power_brake"),
    ],
)
def test_a_power_cap_a_power_brake_and_idleness_are_no_heat(
    names: tuple[str, ...],
) -> None:
    gpu = hot(GPU, *names, off=("sw_thermal_slowdown",))
    look = seen("gpu", reading=GpuReading(gpus=(gpu,)))

    assert Heat().learn(TARGET, look) == Heat()


def test_heat_stays_remembered_when_the_card_is_cool_again() -> None:
    before = Heat(at=5.0, card="it", reasons=("hw_slowdown",))

    assert before.learn(TARGET, seen("gpu")) == before
    assert before.learn(TARGET, seen("status")) == before


def test_heat_of_a_card_that_the_server_does_not_use_is_none_of_its() -> None:
    target = replace(TARGET, gpus=(0,))
    warm = hot(OTHER, "hw_thermal_slowdown")
    look = seen("gpu", reading=GpuReading(gpus=(GPU, warm)))

    assert Heat().learn(target, look) == Heat()
    assert Heat().learn(replace(TARGET, gpus=(1,)), look).at == NOW - 1


def test_a_card_that_moved_up_is_known_by_where_it_was() -> None:
    """The first one is lost, and the list begins with the second."""
    target = replace(TARGET, gpus=(0,))
    both = seen("gpu", reading=GpuReading(gpus=(GPU, OTHER)))
    moved = replace(hot(OTHER, "hw_thermal_slowdown"), index=0)
    lost = GpuFault(fault="gpu_lost", because="gone", uuid=GPU.uuid)
    look = seen("gpu", reading=GpuReading(gpus=(moved,), faults=(lost,)))

    memory = learn(learn(NOTHING, target, both), target, look)

    assert memory.heat == Heat()
    other = replace(TARGET, gpus=(1,))
    assert learn(learn(NOTHING, other, both), other, look).heat.at == NOW - 1


def test_cards_are_told_apart_by_one_reading_where_it_is_all() -> None:
    reading = GpuReading(gpus=(GPU, OTHER))

    assert used(replace(TARGET, gpus=(1,)), reading) == (OTHER,)
