"""What may happen in the model: a script is a few of these names in a row."""

from collections.abc import Awaitable, Callable, Mapping

from monitor.domain.recovery.plan import BreakGlass, Plan
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.asked import Asked
from tests.engine.recovery.model.lives import Life
from tests.engine.recovery.model.world import World
from tests.engine.recovery.wards_parts import ANN, ANN_AGAIN, BOB

Operation = Callable[[World], Awaitable[object]]
GLASS = BreakGlass(gate="cooldown", reason="ann looks at it")


async def asks(
    world: World,
    life: Life,
    glass: BreakGlass | None,
    action: Action = Action.RESTART,
) -> None:
    asked = Asked(
        action=action,
        target="studio",
        reason="it hangs",
        break_glass=glass,
    )
    made = await world.says(life, life.desk.plan(asked, ANN))
    if isinstance(made, Plan):
        world.plan_id, world.change_id = made.id, ""


def typed(world: World, plan: Plan) -> str:
    """Return what somebody types who means it, as the machine asks for it."""
    if plan.aim.action is not Action.REBOOT:
        return ""
    world.typed.add(plan.id)
    return plan.aim.host


async def plan(world: World) -> None:
    await asks(world, world.a, None)


async def plan_b(world: World) -> None:
    await asks(world, world.b, None)


async def glass(world: World) -> None:
    await asks(world, world.a, GLASS)


async def recover(world: World) -> None:
    await asks(world, world.a, None, Action.RECOVER)


async def recover_b(world: World) -> None:
    await asks(world, world.b, None, Action.RECOVER)


async def _apply(world: World, life: Life) -> None:
    record = world.journal.records.get(world.plan_id)
    confirm = typed(world, record.plan) if record else ""
    work = life.desk.apply(world.plan_id, ANN, confirm=confirm)
    await world.says(life, work)
    record = world.journal.records.get(world.plan_id)
    world.change_id = record.change if record else ""
    if record is not None and record.plan.aim.action is Action.RECOVER:
        world.climb_id = record.change


async def apply(world: World) -> None:
    await _apply(world, world.a)


async def apply_b(world: World) -> None:
    await _apply(world, world.b)


async def apply_first(world: World) -> None:
    """Apply the oldest plan, at B."""
    first = next(iter(world.journal.records), "")
    await world.says(world.b, world.b.desk.apply(first, ANN))


async def approve(world: World) -> None:
    await world.says(world.a, world.a.desk.approve(world.plan_id, BOB))


async def approve_self(world: World) -> None:
    desk = world.a.desk
    await world.says(world.a, desk.approve(world.plan_id, ANN_AGAIN))


async def deny(world: World) -> None:
    desk = world.b.desk
    await world.says(world.b, desk.deny(world.plan_id, BOB, reason="no"))


async def cancel(world: World) -> None:
    desk = world.b.desk
    await world.says(world.b, desk.cancel(world.change_id, BOB))


async def step(world: World) -> None:
    await world.step()


async def wait(world: World) -> None:
    await world.goes_on(31.0)


async def past_lock(world: World) -> None:
    await world.goes_on(130.0)


async def past_plan(world: World) -> None:
    await world.goes_on(905.0)


async def kill(world: World) -> None:
    await world.kill_a()


async def kill_before(world: World) -> None:
    world.a.fuse.next = "before"


async def kill_after(world: World) -> None:
    world.a.fuse.next = "after"


async def other_process(world: World) -> None:
    world.machine.restarted_by_others()


async def reboot(world: World) -> None:
    world.machine.boots()


async def maintenance(world: World) -> None:
    world.changed_at["maintenance"] = world.clock.monotonic()
    if world.book.windows:
        world.book.windows.clear()
    else:
        world.book.plan("studio", "a new disk")


async def users(world: World) -> None:
    world.changed_at["users"] = world.clock.monotonic()
    world.users = not world.users


async def health(world: World) -> None:
    world.machine.sick = not world.machine.sick


async def never_serves(world: World) -> None:
    """Let no start succeed, or start what did not, as somebody does."""
    machine = world.machine
    machine.touched_at = world.clock.monotonic()
    machine.comes = "well" if machine.comes == "not" else "not"
    if machine.comes == "well" and not machine.serving():
        machine.restarted_by_others()


async def lost_before(world: World) -> None:
    world.machine.line = "before"


async def lost_after(world: World) -> None:
    world.machine.line = "after"


async def late(world: World) -> None:
    world.machine.is_late = True


async def set_back(world: World) -> None:
    world.clock.jump(-3600.0)


async def sweep_b(world: World) -> None:
    await world.b.does(world.b.sweeper.sweep())


ALL: tuple[Operation, ...] = (
    plan,
    plan_b,
    glass,
    recover,
    recover_b,
    apply,
    apply_b,
    apply_first,
    approve,
    approve_self,
    deny,
    cancel,
    step,
    wait,
    past_lock,
    past_plan,
    kill,
    kill_before,
    kill_after,
    other_process,
    reboot,
    maintenance,
    users,
    health,
    never_serves,
    lost_before,
    lost_after,
    late,
    set_back,
    sweep_b,
)
NAMES: Mapping[str, Operation] = {one.__name__: one for one in ALL}
UPSETS = (
    "cancel",
    "kill",
    "kill_before",
    "kill_after",
    "other_process",
    "reboot",
    "maintenance",
    "health",
    "never_serves",
    "lost_before",
    "lost_after",
    "late",
    "set_back",
)
"""What may come in between by itself, whoever asks for what."""
