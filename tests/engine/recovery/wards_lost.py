"""A studio that lost its GPU: a reboot may help, and people must agree."""

from dataclasses import fields, replace
from typing import Any

from typing_extensions import override

from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.situation import Situation
from monitor.engine.recovery.scene import Scene
from tests.engine.recovery.wards import Fleet

_USE = MachineUse(
    people=(), packages=(), inhibitors=(), starts_at_boot=True, gpus=1
)


class Lonely(Scene):
    """A scene in which nobody else is on the machine, and that is seen."""

    @override
    async def situation(self, *args: Any, **named: Any) -> Situation:
        found = await super().situation(*args, **named)
        return replace(found, machine=_USE)


def lose_gpu(fleet: Fleet) -> None:
    """Let the studio hang for its GPU, on a machine that may be rebooted."""
    fleet.hangs()
    fleet.diagnose("gpu_lost", "gpu")
    known = {one.name: getattr(fleet.scene, one.name) for one in fields(Scene)}
    fleet.scene = Lonely(**known)
