"""Machines whose memory is freed, and that are booted, in simulated time."""

import asyncio
from dataclasses import dataclass, field, replace

from typing_extensions import override

from monitor.domain.errors import CannotReach
from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Aim, Approval
from monitor.domain.recovery.words import Action, Outcome
from monitor.domain.service.reading import ServiceReading
from monitor.ports.recovery import Errand, HandAnswer
from tests.domain.recovery.situations import BOB
from tests.engine.recovery.theatre import Monitor, Theatre
from tests.fakes.hand import FakeHand

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

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        self._boot_of = ""

    @override
    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        await self._asked("act", within)
        self._check(aim, errand)
        self._nonce = None
        self.effects.append(errand.change)
        self._boot_of = aim.boot_id
        running = HandAnswer(state="running", steps=("systemctl reboot",))
        self._became[errand.change] = running
        boot = asyncio.create_task(self._boot())
        self.acting.add(boot)
        boot.add_done_callback(self.acting.discard)
        if self.line == "after":
            raise CannotReach("cannot reach gpu1", reason="reset")
        return running

    @override
    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        there = self.there
        assert there is not None
        if there.host_reason:
            raise CannotReach("cannot reach gpu1", reason="timeout")
        found = await super().became(aim, errand, within=within)
        if found.state == "running" and self.boot_id != self._boot_of:
            found = HandAnswer(state="done")
        return replace(found, boot_id=self.boot_id)

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
        people=(), packages=(), inhibitors=(), starts_at_boot=True, gpus=2
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
