"""The other rungs, carried out: memory is freed, a machine is booted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from typing_extensions import override

from monitor.domain.errors import HandRefused
from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Aim, Approval
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.domain.service.reading import ServiceReading
from monitor.engine.events import ChangeTold
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_course import Course
from monitor.ports.recovery import Errand, HandAnswer
from tests.domain.recovery.situations import BOB
from tests.engine.recovery.theatre import Monitor, Theatre, play
from tests.fakes.hand import BOOT, FakeHand

GIB = 1024**3
BOOTED = "7d3b5c1e-8f5e-4d2b-9d5c-0a4d0e6f7a22"


def cards(
    pid: int | None, *, used: int = 8 * GIB, count: int = 1
) -> GpuReading:
    held = GpuProcess(pid=pid or 0, name="python", kind="C", memory_bytes=used)
    return GpuReading(
        gpus=tuple(
            Gpu(
                uuid=f"GPU-{index}",
                index=index,
                name="T4",
                pci_bus_id=f"0{index}",
                memory_used_bytes=used,
                processes=(held,) if pid and not index else (),
            )
            for index in range(count)
        )
    )


@dataclass
class BootingHand(FakeHand):
    """A machine that goes down 2 s after it was told to."""

    there: Theatre | None = None
    boots_to: str = BOOTED
    back_after: float = 60.0
    gpus_after: int = 2
    told: list[str] = field(default_factory=list)

    @override
    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        if "act" in self.refuses:
            raise self.refuses["act"]
        self.effects.append(errand.change)
        boot = asyncio.create_task(self._boot())
        self.acting.add(boot)
        boot.add_done_callback(self.acting.discard)
        return HandAnswer(state="running", steps=("systemctl reboot",))

    async def _boot(self) -> None:
        there = self.there
        assert there is not None
        await asyncio.sleep(2.0)
        there.host_reason = "unreachable"
        await asyncio.sleep(self.back_after)
        there.host_reason = ""
        self.boot_id = self.boots_to
        there.machine = MachineReading(way="installed", boot_id=self.boot_id)
        there.gpu = cards(None, count=self.gpus_after)
        self._booted_at = self.clock.monotonic()
        self._restarted_at = self._booted_at
        self.sick = False


@dataclass
class FreeingHand(FakeHand):
    """A gate whose effect leaves `leaves` on the cards."""

    there: Theatre | None = None
    leaves: GpuReading = field(default_factory=lambda: cards(5000))

    @override
    def service(self) -> ServiceReading:
        """Return it as root sees it: strays are known, there are none."""
        return replace(super().service(), strays=())

    @override
    async def _effect(self, change: str) -> None:
        assert self.there is not None
        await super()._effect(change)
        self.there.gpu = self.leaves


@dataclass
class StrayHand(FreeingHand):
    """A stray holds the memory; the server itself goes on."""

    @override
    def service(self) -> ServiceReading:
        seen = super().service()
        stray = replace(seen.processes[0], pid=77, is_server=False)
        return replace(seen, strays=() if self.effects else (stray,))

    @override
    async def _effect(self, change: str) -> None:
        assert self.there is not None
        self.effects.append(change)
        self.sick = False
        self.there.gpu = cards(None, used=0)
        self._became[change] = HandAnswer(state="done", because="done")

    @override
    def _check(self, aim: Aim, errand: Errand) -> None:
        assert [one.pid for one in aim.processes] == [77]


def frees(leaves: GpuReading | None = None) -> Theatre:
    there = Theatre()
    there.action = Action.FREE_GPU_MEMORY
    there.gpu = cards(4000)
    hand = FreeingHand(there.clock, there=there)
    hand.leaves = hand.leaves if leaves is None else leaves
    there.hand = hand
    return there


def boots(*, booted_to: str = BOOTED, gpus: int = 2) -> Theatre:
    there = Theatre()
    there.action = Action.REBOOT
    there.hand = BootingHand(
        there.clock, there=there, boots_to=booted_to, gpus_after=gpus
    )
    there.machine = MachineReading(way="installed", boot_id=there.hand.boot_id)
    there.machine_use = MachineUse(
        people=(), packages=(), starts_at_boot=True, gpus=2
    )
    there.gpu = cards(None, count=2)
    rungs = (Action.RESTART, Action.FREE_GPU_MEMORY)
    now = there.clock.now()
    there.past = tuple(_climbed(rung, now - 60.0) for rung in rungs)
    return there


def _climbed(rung: Action, at: float) -> Deed:
    return Deed(
        change=f"c-{rung.value}",
        action=rung,
        target="studio",
        intent_at=at,
        ended_at=at,
        outcome=Outcome.FAILED,
        done=True,
        parent="r1",
    )


async def ready(there: Theatre) -> Change:
    """Keep a change that somebody else agreed to."""
    plan = replace(there.plan(), parent="r1")
    change = await there.applied(plan=plan)
    word = Approval(
        plan=plan.id, digest=plan.digest, by=BOB, at=there.clock.now()
    )
    record = there.journal.records[plan.id]
    there.journal.records[plan.id] = replace(record, approvals=(word,))
    return change


async def carried(there: Theatre) -> Monitor:
    change, monitor = await ready(there), there.monitor("a")
    await monitor.carry(change, within=10_000.0)
    return monitor


def test_memory_is_freed_and_the_new_server_is_proved() -> None:
    async def story() -> None:
        there = frees()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert "none of the ended processes (4000)" in over.because
        assert "process 5000 is new" in over.because
        assert over.done

    play(story)


def test_memory_that_nobody_holds_and_stays_is_a_failure() -> None:
    async def story() -> None:
        there = frees(cards(None))

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "no process holds them" in over.because
        assert over.done

    play(story)


@dataclass
class BlindingHand(FreeingHand):
    """An effect after which the machine tells nothing, or nothing in time."""

    looks_take: float = 0.5
    reason: str = ""

    @override
    async def _effect(self, change: str) -> None:
        assert self.there is not None
        await super()._effect(change)
        self.there.looks_take = self.looks_take
        self.there.host_reason = self.reason


def test_memory_that_nobody_can_look_at_is_a_failure() -> None:
    async def story() -> None:
        there = frees()
        there.hand = BlindingHand(there.clock, there=there, reason="timeout")

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "who holds memory was not seen: gpu timeout" in over.because

    play(story)


def test_looks_at_the_cards_that_do_not_end_are_a_failure() -> None:
    async def story() -> None:
        there = frees()
        there.hand = BlindingHand(there.clock, there=there, looks_take=9_999.0)

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "took too long" in over.because

    play(story)


def test_looks_at_a_machine_that_do_not_end_are_a_failure() -> None:
    async def story() -> None:
        there = boots()
        first = there.monitor("a")
        first.runner.begin(await ready(there))
        await first.until(lambda: bool(there.hand.effects))
        there.looks_take = 99_999.0
        await first.until(lambda: there.change().is_over, within=99_000.0)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "took too long" in over.because

    play(story)


def test_a_stray_is_ended_and_the_server_has_to_serve_on() -> None:
    async def story() -> None:
        there = frees()
        there.hand = StrayHand(there.clock, there=there)
        there.gpu = cards(77)

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert "(77)" in over.because
        assert "its status passed 3 times" in over.because
        assert "is new" not in over.because

    play(story)


def test_memory_of_before_that_was_not_kept_proves_nothing() -> None:
    async def story() -> None:
        there = frees()
        there.hand.line = "after"
        first = there.monitor("a")
        first.runner.begin(await ready(there))
        await first.until(lambda: bool(there.hand.effects))
        await first.die()
        there.journal.all_captured.clear()

        await there.monitor("b").sweep_until_quiet()

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "was not kept" in over.because

    play(story)


def test_a_machine_is_booted_and_its_server_proved() -> None:
    async def story() -> None:
        there = boots()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert f"and is {BOOTED}" in over.because
        assert "its 2 GPUs are there" in over.because
        assert "process 5000 is new" in over.because
        assert over.done
        assert there.hand.effects == ["c1"]

    play(story)


@pytest.mark.parametrize(
    ("there", "because"),
    [
        (lambda: boots(booted_to=BOOT), "it was not booted"),
        (lambda: boots(gpus=1), "1 of 2 GPUs are there"),
    ],
)
def test_a_machine_that_is_not_whole_again_is_a_failure(
    there: Callable[[], Theatre], because: str
) -> None:
    async def story() -> None:
        stage = there()

        await carried(stage)

        over = stage.change()
        assert over.outcome is Outcome.FAILED
        assert because in over.because
        assert over.done

    play(story)


def test_what_the_machine_refused_is_not_done() -> None:
    async def story() -> None:
        there = boots()
        refused = HandRefused("cannot act: apt works", reason="machine")
        there.hand.refuses["act"] = refused

        await carried(there)

        assert there.change().outcome is Outcome.FAILED
        assert not there.change().done

    play(story)


def test_a_machine_that_boots_takes_its_other_servers_along() -> None:
    async def story() -> None:
        there = boots()
        there.neighbours = ("annex",)
        monitor = there.monitor("a")
        monitor.runner.begin(await ready(there))

        await monitor.until(lambda: there.change().state is State.VERIFYING)

        told = "reboot of gpu1 is under way (change c1)"
        assert monitor.runner.changing("annex") == told
        assert "reboot is under way" in monitor.runner.changing("studio")
        assert not monitor.runner.changing("attic")
        assert there.held == ["studio", "annex"]

    play(story)


def test_a_change_that_was_taken_over_is_told_as_it_is_kept() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a")
        change = await there.applied()
        theirs = replace(change, owner="b", because="b carries it")
        there.journal.all_changes["c1"] = theirs

        await first.carry(change)

        told = [one for one in there.told if isinstance(one, ChangeTold)]
        assert told[-1].change == theirs

    play(story)


def test_a_recover_is_carried_by_its_climb() -> None:
    async def story() -> None:
        there = Theatre()
        there.action = Action.RECOVER
        change, climbs = await there.applied(), list[Change]()
        kit = there.monitor("a").kit

        def climbing(one: Change) -> Course:
            climbs.append(one)
            return Course(kit, one, against="it is a test")

        runner = Runner(kit, climbing=climbing)
        runner.begin(change)

        assert climbs == [change]
        assert runner.carries("c1")
        await runner.close(10.0)

    play(story)
