"""What may happen beside: other rungs, strays, and machines that boot."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import Action, State
from tests.engine.recovery.model.operations import Operation, asks, typed
from tests.engine.recovery.model.world import World
from tests.engine.recovery.wards_parts import ANN, ANN_AGAIN, BOB

PATIENCE = 1500.0
"""Seconds until nobody waits any more for a rung to come."""


async def allow(world: World) -> None:
    """Let the operator permit every action."""
    policy = world.policies["studio"]
    world.policies["studio"] = replace(policy, allow=frozenset(Action))


async def plan_free(world: World) -> None:
    await asks(world, world.a, None, Action.FREE_GPU_MEMORY)


async def plan_boot(world: World) -> None:
    await asks(world, world.a, None, Action.REBOOT)


async def mistype(world: World) -> None:
    """Apply the newest plan, with another name than the machine's."""
    newest = next(reversed(world.journal.records), "")
    work = world.b.desk.apply(newest, ANN, confirm="studio")
    await world.says(world.b, work)


async def apply_boot(world: World) -> None:
    """Apply the newest plan of a reboot, whoever made it."""
    if (record := _newest_boot(world)) is not None:
        id_, confirm = record.plan.id, typed(world, record.plan)
        work = world.b.desk.apply(id_, ANN, confirm=confirm)
        await world.says(world.b, work)


async def approve_boot(world: World) -> None:
    if (record := _newest_boot(world)) is not None:
        work = world.b.desk.approve(record.plan.id, BOB)
        await world.says(world.b, work)


async def approve_boot_self(world: World) -> None:
    if (record := _newest_boot(world)) is not None:
        work = world.b.desk.approve(record.plan.id, ANN_AGAIN)
        await world.says(world.b, work)


async def deny_boot(world: World) -> None:
    if (record := _newest_boot(world)) is not None:
        work = world.a.desk.deny(record.plan.id, BOB, reason="no")
        await world.says(world.a, work)


async def cancel_climb(world: World) -> None:
    await world.says(world.b, world.b.desk.cancel(world.climb_id, BOB))


async def until_free(world: World) -> None:
    """Go on until memory is about to be freed."""
    changes = world.journal.all_changes
    await _until(
        world,
        lambda: any(
            one.action is Action.FREE_GPU_MEMORY for one in changes.values()
        ),
    )


async def until_boot(world: World) -> None:
    """Go on until a reboot is planned."""
    await _until(world, lambda: _newest_boot(world) is not None)


async def until_intent(world: World) -> None:
    """Go on until the newest change is about to be sent."""
    await _until_newest(world, State.INTENT)


async def until_proving(world: World) -> None:
    """Go on until the newest change is being proved."""
    await _until_newest(world, State.VERIFYING)


async def gone(world: World) -> None:
    """Cut the line to its gate for good, or mend it."""
    world.machine.line = "" if world.machine.line else "gone"


async def stray(world: World) -> None:
    world.machine.strays()


async def stuck(world: World) -> None:
    world.machine.stuck = not world.machine.stuck


async def breaks(world: World) -> None:
    """Let its gate try and fail."""
    world.machine.fails = "" if world.machine.fails else "it broke"


async def refuses(world: World) -> None:
    world.machine.refuses_next = True


async def gpu_lost(world: World) -> None:
    world.changed_at["cause"] = world.clock.monotonic()
    world.cause = "hung" if world.cause == "gpu_lost" else "gpu_lost"


async def login(world: World) -> None:
    world.changed_at["people"] = world.clock.monotonic()
    world.machine.people = () if world.machine.people else ("cleo on pts/0",)


async def packages(world: World) -> None:
    world.changed_at["packages"] = world.clock.monotonic()
    machine = world.machine
    machine.packages = () if machine.packages else ("apt-get upgrade",)


async def diskless(world: World) -> None:
    world.machine.diskless = True


async def stays_away(world: World) -> None:
    world.machine.returns = "late"


async def same_boot(world: World) -> None:
    world.machine.returns = "not_booted"


def _newest_boot(world: World) -> PlanRecord | None:
    found = [
        one
        for one in world.journal.records.values()
        if one.plan.aim.action is Action.REBOOT
    ]
    return found[-1] if found else None


async def _until_newest(world: World, state: State) -> None:
    changes = world.journal.all_changes
    await _until(
        world,
        lambda: (
            bool(changes) and changes[next(reversed(changes))].state is state
        ),
    )


async def _until(world: World, is_so: Callable[[], bool]) -> None:
    late = world.clock.monotonic() + PATIENCE
    while not is_so() and world.clock.monotonic() < late:
        await world.step()


ALL: tuple[Operation, ...] = (
    allow,
    plan_free,
    plan_boot,
    mistype,
    apply_boot,
    approve_boot,
    approve_boot_self,
    deny_boot,
    cancel_climb,
    until_free,
    until_boot,
    until_intent,
    until_proving,
    gone,
    stray,
    stuck,
    breaks,
    refuses,
    gpu_lost,
    login,
    packages,
    diskless,
    stays_away,
    same_boot,
)
OF_RUNGS: Mapping[str, Operation] = {one.__name__: one for one in ALL}
