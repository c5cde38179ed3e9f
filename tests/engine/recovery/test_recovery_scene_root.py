"""What root sees counts, where the observing key sees less."""

from dataclasses import replace

import pytest

from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.recovery.refusal import CannotLook
from monitor.domain.recovery.words import Action, State
from monitor.domain.service.reading import ServiceReading
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.scene import Scene, ServiceAddress
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, READING, SERVER

STRAY = replace(SERVER, pid=77, start_ticks=5, is_server=False)
CARD = Gpu(
    uuid="GPU-1",
    index=0,
    name="T4",
    pci_bus_id="00",
    memory_used_bytes=9,
    processes=(
        GpuProcess(pid=STRAY.pid, name="python", kind="C", memory_bytes=1),
    ),
)
AS_ROOT = replace(READING, strays=(STRAY,))


class Root:
    """Root on the machine; `sees` is None where nobody gets there."""

    def __init__(self, sees: ServiceReading | None) -> None:
        self.sees = sees
        self.looked: list[tuple[str, str]] = []

    async def __call__(
        self, target: Target, place: ServiceAddress
    ) -> ServiceReading | None:
        self.looked.append((target.name, place.unit))
        return self.sees


def fleet_with(root: Root) -> Fleet:
    fleet = Fleet()
    fleet.eye("gpu1", "gpu").reading = GpuReading(gpus=(CARD,))
    fleet.eye("studio", "process").reading = replace(READING, strays=None)
    fleet.scene = replace(fleet.scene, as_root=root)
    return fleet


def scene_with(root: Root) -> Scene:
    return fleet_with(root).scene


async def test_strays_that_only_root_sees_are_planned() -> None:
    root = Root(AS_ROOT)
    scene, action = scene_with(root), Action.FREE_GPU_MEMORY

    seen = await scene.observe("studio", action)
    aim = scene.aim("studio", action, seen)

    assert root.looked == [("studio", "facefusion.service")]
    assert [one.pid for one in aim.processes] == [STRAY.pid]


@pytest.mark.parametrize("action", [Action.REBOOT, Action.RECOVER])
async def test_whoever_climbs_knows_of_strays(action: Action) -> None:
    scene = scene_with(Root(AS_ROOT))

    seen = await scene.observe("studio", action)

    assert seen.service == AS_ROOT


async def test_a_restart_is_planned_without_root() -> None:
    root = Root(AS_ROOT)
    scene = scene_with(root)

    seen = await scene.observe("studio", Action.RESTART)

    assert root.looked == []
    assert not seen.lacks_root
    assert seen.service is not None
    assert seen.service.strays is None


async def test_where_root_cannot_look_what_was_observed_stays() -> None:
    scene = scene_with(Root(None))

    seen = await scene.observe("studio", Action.FREE_GPU_MEMORY)

    assert seen.service is not None
    assert seen.service.strays is None
    assert seen.lacks_root


async def test_a_plan_that_root_cannot_look_at_again_stays_open() -> None:
    root = Root(AS_ROOT)
    fleet = fleet_with(root)
    fleet.hangs()
    desk = fleet.a_desk()
    asked = Asked(
        action=Action.FREE_GPU_MEMORY, target="studio", reason="it is full"
    )
    plan = await desk.plan(asked, ANN)
    root.sees = None

    with pytest.raises(CannotLook, match="stays open, try again"):
        await desk.apply(plan.id, ANN)

    assert fleet.journal.records[plan.id].outcome is None
    assert fleet.carrier.begun == []
    root.sees = AS_ROOT
    change = await desk.apply(plan.id, ANN)
    assert change.state is State.READY


async def test_a_server_without_a_service_is_not_looked_at_as_root() -> None:
    root = Root(AS_ROOT)
    scene = replace(scene_with(root), services=dict)

    seen = await scene.observe("studio", Action.FREE_GPU_MEMORY)

    assert root.looked == []
    assert not seen.lacks_root
