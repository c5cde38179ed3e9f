"""Long random scripts: no invariant is ever broken, however long it goes."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from typing_extensions import override

from tests.engine.recovery.model.scripts import DOES
from tests.engine.recovery.model.world import World
from tests.stories.simulated.clockwork import Clockwork

_PEOPLE = (
    "apply",
    "apply_b",
    "apply_first",
    "approve",
    "approve_self",
    "deny",
)
_FAULTS = ("kill", "kill_before", "kill_after", "lost_before", "lost_after")
_WORLD = ("other_process", "reboot", "maintenance", "users", "health")
_ODD = ("late", "set_back", "never_serves", "refuses", "breaks")
_MACHINE = ("stray", "stuck", "gpu_lost", "login", "packages", "diskless")
_RETURNS = ("stays_away", "same_boot")
_REBOOTS = (
    "apply_boot",
    "approve_boot",
    "approve_boot_self",
    "deny_boot",
    "mistype",
    "until_free",
    "until_boot",
)
_TIME = ("step", "wait", "past_lock", "past_plan", "sweep_b")


async def _new() -> World:
    return World()


class Model(RuleBasedStateMachine):
    """The world of the model, driven by hypothesis."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner(loop_factory=Clockwork)
        self.world = self._runner.run(_new())

    def _do(self, name: str) -> None:
        async def both() -> None:
            await DOES[name](self.world)
            await self.world.check()

        self._runner.run(both())

    @rule(
        name=st.sampled_from(
            ["plan", "plan_b", "glass", "recover", "recover_b"]
        )
    )
    def ask(self, name: str) -> None:
        self._do(name)

    @precondition(lambda self: self.world.plan_id)
    @rule(name=st.sampled_from(_PEOPLE))
    def say(self, name: str) -> None:
        self._do(name)

    @rule(name=st.sampled_from(["allow", "plan_free", "plan_boot"]))
    def ask_for_more(self, name: str) -> None:
        self._do(name)

    @precondition(lambda self: self.world.climb_id or self.world.plan_id)
    @rule(name=st.sampled_from(_REBOOTS))
    def reboot(self, name: str) -> None:
        self._do(name)

    @precondition(lambda self: self.world.change_id)
    @rule(name=st.sampled_from(["cancel", "cancel_climb"]))
    def cancel(self, name: str) -> None:
        self._do(name)

    @rule(name=st.sampled_from([*_MACHINE, *_RETURNS]))
    def happen_to_it(self, name: str) -> None:
        self._do(name)

    @rule(name=st.sampled_from([*_FAULTS, *_WORLD, *_ODD]))
    def happen(self, name: str) -> None:
        self._do(name)

    @rule(name=st.sampled_from(_TIME))
    def pass_time(self, name: str) -> None:
        self._do(name)

    @precondition(lambda self: self.world.change_id)
    @rule(steps=st.integers(1, 16))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self._do("step")

    @override
    def teardown(self) -> None:
        try:
            self._runner.run(self.world.become_quiet())
        finally:
            self._runner.run(self.world.end())
            self._runner.close()


TestModel = Model.TestCase
TestModel.settings = settings(
    derandomize=True,
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    database=None,
)
