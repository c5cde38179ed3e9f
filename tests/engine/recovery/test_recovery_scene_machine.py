"""Who else is on a machine, as the scene sees it."""

from dataclasses import replace

import pytest

from monitor.domain.gpu.reading import Gpu, GpuFault, GpuProcess, GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import Unit
from monitor.engine.recovery.scene_machine import Beside, machine_of
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, BOOT, SERVER, UNIT

CARD = Gpu(
    uuid="GPU-1",
    index=0,
    name="T4",
    pci_bus_id="00",
    memory_used_bytes=9,
    processes=tuple(
        GpuProcess(pid=pid, name="python", kind="C", memory_bytes=1)
        for pid in (SERVER.pid, 77)
    ),
)


def fleet_with_cards() -> Fleet:
    fleet = Fleet()
    fleet.eye("gpu1", "gpu").reading = GpuReading(gpus=(CARD,))
    return fleet


async def test_freeing_memory_ends_what_is_ours_on_the_cards() -> None:
    fleet = fleet_with_cards()
    action = Action.FREE_GPU_MEMORY

    seen = await fleet.scene.observe("studio", action)
    aim = fleet.scene.aim("studio", action, seen)
    found = await fleet.scene.situation("studio", action, seen, by=ANN)

    assert [one.pid for one in aim.processes] == [SERVER.pid]
    assert aim.cards == ("GPU-1",)
    assert found.gpu is not None
    assert [one.pid for one in found.gpu.others] == [77]
    assert found.machine is None


async def test_cards_that_were_not_seen_end_nothing() -> None:
    fleet = Fleet()
    action = Action.FREE_GPU_MEMORY

    seen = await fleet.scene.observe("studio", action)
    aim = fleet.scene.aim("studio", action, seen)

    assert (aim.processes, aim.cards) == ((), ())


async def test_a_restart_looks_at_no_card() -> None:
    fleet = fleet_with_cards()

    seen = await fleet.scene.observe("studio", Action.RESTART)

    assert (seen.gpu, seen.machine) == (None, None)


async def machine(
    unit: Unit, *, own_boot: str = "", told: bool = True
) -> MachineUse | None:
    fleet = fleet_with_cards()
    return await machine_on(fleet, unit, own_boot=own_boot, told=told)


async def machine_on(
    fleet: Fleet, unit: Unit, *, own_boot: str = "", told: bool = True
) -> MachineUse | None:
    fleet.reads(lambda one: replace(one, unit=unit))
    seen = await fleet.scene.observe("studio", Action.REBOOT)
    status = seen.status
    assert status is not None
    look = replace(
        status,
        reading=MachineReading(way="installed", boot_id=BOOT, people=()),
    )
    seen = replace(seen, machine=look if told else None)
    case = fleet.evidence.case("studio", seen.at)
    other = fleet.evidence.case("annex", seen.at)
    return machine_of(case, seen, Beside(cases=(other,), own_boot=own_boot))


async def test_a_machine_tells_whom_a_reboot_touches() -> None:
    found = await machine(UNIT)

    assert found == MachineUse(
        targets=("annex",),
        people=(),
        strangers=("python on GPU 0",),
        starts_at_boot=True,
        gpus=1,
    )


async def test_cards_and_units_that_were_not_seen_are_not_guessed() -> None:
    fleet = Fleet()
    seen = await fleet.scene.observe("studio", Action.REBOOT)
    status = seen.status
    assert status is not None
    told = MachineReading(way="installed", boot_id=BOOT, people=())
    seen = replace(
        seen, service=None, gpu=None, machine=replace(status, reading=told)
    )

    found = machine_of(
        fleet.evidence.case("studio", seen.at),
        seen,
        Beside(cases=(), own_boot=""),
    )

    assert found == MachineUse(people=(), starts_at_boot=None)


@pytest.mark.parametrize(
    ("lost", "count"),
    [
        ((), 1),
        (("00000000:02:00.0",), 2),
        (("00000000:02:00.0", "0000:02:00"), 2),
        (("00000000:02:00.0", "00000000:03:00.0"), 3),
        (("",), 2),
    ],
)
async def test_a_lost_card_counts_among_those_that_were_there(
    lost: tuple[str, ...], count: int
) -> None:
    faults = tuple(
        GpuFault(fault="gpu_lost", because="it is lost", pci_bus_id=one)
        for one in lost
    )
    fleet = Fleet()
    fleet.eye("gpu1", "gpu").reading = GpuReading(gpus=(CARD,), faults=faults)

    found = await machine_on(fleet, UNIT)

    assert found is not None
    assert found.gpus == count


@pytest.mark.parametrize(
    ("named", "count"), [((), 1), (("GPU-1", "GPU-2"), 2), ((3,), 4)]
)
async def test_a_machine_has_no_fewer_cards_than_are_configured(
    named: tuple[int | str, ...], count: int
) -> None:
    fleet = fleet_with_cards()
    fleet.reads(lambda one: replace(one, unit=UNIT))
    seen = await fleet.scene.observe("studio", Action.REBOOT)
    assert seen.status is not None
    told = MachineReading(way="installed", boot_id=BOOT)
    seen = replace(seen, machine=replace(seen.status, reading=told))
    case = fleet.evidence.case("studio", seen.at)
    case = replace(case, target=replace(case.target, gpus=named))

    found = machine_of(case, seen, Beside())

    assert found is not None
    assert found.gpus == count


async def test_a_machine_that_told_nothing_is_not_known() -> None:
    assert await machine(UNIT, told=False) is None


async def test_our_own_machine_is_known_by_its_boot() -> None:
    found = await machine(UNIT, own_boot=BOOT)

    assert found is not None
    assert found.is_ours


@pytest.mark.parametrize(
    ("unit", "starts"),
    [
        (replace(UNIT, enabled="disabled"), False),
        (replace(UNIT, enabled="static"), None),
        (replace(UNIT, manager="docker", restart_policy="always"), True),
        (replace(UNIT, manager="docker", restart_policy="on-failure"), False),
        (replace(UNIT, manager="process", enabled=""), None),
    ],
)
async def test_a_manager_says_whether_it_starts_at_boot(
    unit: Unit, *, starts: bool | None
) -> None:
    found = await machine(unit)

    assert found is not None
    assert found.starts_at_boot is starts
