"""A simulated machine that lost a GPU is recovered by people, in the demo."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio
import yaml

from monitor.cli.demo import NAMES, PEOPLE
from monitor.daemon import recovering
from monitor.daemon.configuration import Configuration
from monitor.daemon.works import Works
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import NotYours, WrongConfirmation
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery import climb_waiting, proving_kit
from monitor.engine.recovery.asked import Asked
from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.booting import Pace
from tests.stories.restart_town import HURRY

SICK = "cellar"
ANN, BOB = (Principal(name=name, person=name) for name in PEOPLE)
PACE = Pace(answers=0.1, away=0.5)
WITHIN = 20.0
_STEP = 0.02
_T = TypeVar("_T")


@dataclass
class Demo:
    """The fleet, and the monitor that watches it in this process."""

    fleet: Fleet
    works: Works

    @property
    def host(self) -> SimulatedHost:
        return self.fleet.hosts[SICK]

    @property
    def boot(self) -> str:
        inside = self.host._inside  # noqa: SLF001 - the machine's own memory
        return inside.world.boot.id

    async def is_diagnosed(self, cause: str) -> None:
        async def is_so() -> bool:
            return self.works.diagnosing.ward.diagnosis(SICK).cause == cause

        await until(is_so)

    async def reboot_planned(self) -> PlanRecord | None:
        """Return the rung of a recover that waits for somebody."""
        plans = await self.works.recovering.desk.plans(limit=10)
        of_rung = [one for one in plans if one.plan.parent]
        return of_rung[0] if of_rung else None

    async def ended(self, change: str) -> Change | None:
        told = await self.works.recovering.desk.change(change)
        return told if told.outcome else None


async def until(look: Callable[[], Awaitable[_T | None]]) -> _T:
    """Look again until there is something."""
    async with asyncio.timeout(WITHIN):
        found = await look()
        while not found:
            await asyncio.sleep(_STEP)
            found = await look()
    return found


@pytest_asyncio.fixture
async def demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Demo]:
    monkeypatch.setattr(recovering, "TICK", 0.2)
    monkeypatch.setattr(climb_waiting, "READS_EVERY", 0.1)
    monkeypatch.setattr(proving_kit, "LOOKS_EVERY", 0.1)
    fleet = Fleet(
        *(SimulatedHost(n, workdir=tmp_path / n, pace=PACE) for n in NAMES)
    )
    async with fleet:
        hosts = fleet.hosts.values()
        path = write_configuration(
            hosts, tmp_path, listen="127.0.0.1:0", people=PEOPLE
        )
        _hurry(path)
        configuration = Configuration(path, {}, tmp_path)
        base = configuration.base()
        works = Works(configuration, base, "http://127.0.0.1:1")
        try:
            await works.start()
            yield Demo(fleet, works)
        finally:
            await works.stop()


def _hurry(path: Path) -> None:
    settings = yaml.safe_load(path.read_text())
    settings["defaults"] = HURRY
    for target in settings["targets"]:
        target["canaries"] = []
        del target["canary_budget"], target["browser"]
    path.write_text(yaml.safe_dump(settings))


async def test_a_lost_gpu_is_back_after_a_reboot_that_two_people_wanted(
    demo: Demo,
) -> None:
    desk, before = demo.works.recovering.desk, demo.boot
    await demo.is_diagnosed("none")
    demo.host.faults.switch_on("gpu_lost")
    await demo.is_diagnosed("gpu_lost")
    asked = Asked(action=Action.RECOVER, target=SICK, reason="a GPU is gone")
    climb = await desk.apply((await desk.plan(asked, ANN)).id, ANN)
    reboot = (await until(demo.reboot_planned)).plan
    with pytest.raises(WrongConfirmation):
        await desk.apply(reboot.id, ANN)
    with pytest.raises(NotYours):
        await desk.approve(reboot.id, ANN)
    change = await desk.apply(reboot.id, ANN, confirm=f"{SICK}-gpu")
    waited_in = demo.boot

    await desk.approve(reboot.id, BOB)
    over = await until(lambda: demo.ended(climb.id))
    await demo.is_diagnosed("none")

    rung = await desk.change(change.id)
    assert (change.state, waited_in) == (State.WAITING, before)
    assert over.outcome is rung.outcome is Outcome.SUCCEEDED, rung.because
    assert f"its boot id was {before} and is {demo.boot}" in rung.because
    assert demo.host.faults.active() == {}
