"""A machine whose cards hold memory, and which boots.

A stray of FaceFusion starves the server: while it holds memory no restart
helps. What a boot comes to is set before it.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Literal

from typing_extensions import override

from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.gpu.reading import Gpu, GpuProcess, GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.recovery.identity import (
    Identity,
    identities,
    identity_of,
)
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import Process, ServiceReading
from monitor.ports.recovery import Errand, HandAnswer
from tests.fakes.hand import TICKS, FakeHand

GIB = 1024**3
STRAY, STRANGER = 4700, 900
GOES_DOWN_AFTER = 2.0
SILENT = 10.0
"""Seconds until whoever asks a machine that is down gives up."""
CALLED_RUNNING = 300.0
"""Seconds for which a gate calls a reboot running."""
Returns = Literal["booted", "not_booted", "late"]
AWAY: dict[Returns, float] = {
    "booted": 40.0,
    "not_booted": 40.0,
    "late": 2000.0,
}
"""Seconds that it is away; `late` is longer than anybody waits."""


@dataclass
class Host(FakeHand):
    """`returns` is how it comes back; `stuck` is a stray that never ends.

    `diskless` forgets the gate's book with each boot. `refuses_next` is an
    act that its gate refuses.
    """

    returns: Returns = "booted"
    stuck: bool = False
    diskless: bool = False
    refuses_next: bool = False
    is_down: bool = False
    people: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    touched_at: float = 0.0
    stray_since: float | None = None

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        self._boots: dict[str, tuple[str, float]] = {}
        self._sent: tuple[Aim, int]

    # What there is to be seen.

    @override
    def service(self) -> ServiceReading:
        seen = super().service()
        unit = seen.unit and replace(seen.unit, enabled="enabled")
        since = self.stray_since
        strays = () if since is None else (self._stray_seen(since),)
        return replace(seen, unit=unit, strays=strays)

    def _stray_seen(self, since: float) -> Process:
        age = self.clock.monotonic() - since
        return Process(
            pid=STRAY,
            start_ticks=int((since - self._booted_at) * TICKS),
            started_at=self.clock.now() - age,
            uid=1000,
            state="D" if self.stuck else "S",
            cmdline=("/opt/facefusion/venv/bin/python", "facefusion.py"),
            cwd="/opt/facefusion",
            cgroup="/user.slice",
        )

    def holders(self) -> frozenset[Identity]:
        """Return who of FaceFusion's holds memory on its cards."""
        seen = self.service()
        found = {one for one in identities(seen) if one.is_server}
        strays = (identity_of(self.boot_id, o) for o in seen.strays or ())
        return frozenset(found | {one for one in strays if one})

    def cards(self) -> GpuReading:
        """Return what nvidia-smi shows: a stranger is always there."""
        pids = sorted(one.pid for one in self.holders())
        held = [(STRANGER, "train"), *((pid, "python") for pid in pids)]
        card = Gpu(
            uuid="GPU-0",
            index=0,
            name="T4",
            pci_bus_id="00000000:01:00.0",
            memory_used_bytes=len(held) * GIB,
            processes=tuple(
                GpuProcess(pid=pid, name=name, kind="C", memory_bytes=GIB)
                for pid, name in held
            ),
        )
        return GpuReading(gpus=(card,))

    def machine(self) -> MachineReading:
        """Return who is on it, and what is installed there."""
        return MachineReading(
            way="installed",
            boot_id=self.boot_id,
            people=self.people,
            packages=self.packages,
            inhibitors=(),
        )

    # What happens to it.

    def strays(self) -> None:
        """Let a stray take the memory, or end."""
        now = self.clock.monotonic()
        self.stray_since = now if self.stray_since is None else None
        self.touched_at = now
        self.sick = self.sick or self.stray_since is not None

    def restarted_by_others(self) -> None:
        """Run another process under the same number: nobody told us."""
        now = self.clock.monotonic()
        self._restarted_at, self._first, self.touched_at = None, now, now

    def boots(self) -> None:
        """Come up again, as another boot; what was sick is sick still."""
        before, _, rest = self.boot_id.rpartition("-")
        self.boot_id = f"{before}-{int(rest, 16) + 1:012x}"
        self._booted_at = self.clock.monotonic()
        self._nonce = self.stray_since = None
        self.restarted_by_others()
        if self.diskless:
            self._became.clear()
            self._boots.clear()

    async def _boot(self) -> None:
        """Do what `systemctl reboot` does, unless somebody was faster."""
        was = self.boot_id
        await asyncio.sleep(GOES_DOWN_AFTER)
        if self.boot_id != was:
            return
        self.is_down = True
        returns = self.returns
        await asyncio.sleep(AWAY[returns])
        self.is_down = False
        if returns != "not_booted":
            self.boots()
            self._restarted_at = self.clock.monotonic()
            self.sick = False

    # What its gate does.

    @override
    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        said = await super().became(aim, errand, within=within)
        if (boot := self._boots.get(errand.change)) is not None:
            said = HandAnswer(state=self._rebooted(*boot), because="a reboot")
        return replace(said, boot_id=self.boot_id)

    def _rebooted(self, boot_id: str, at: float) -> str:
        if boot_id != self.boot_id:
            return "done"
        is_late = self.clock.monotonic() - at > CALLED_RUNNING
        return "failed" if is_late else "running"

    @override
    async def _asked(self, verb: str, within: float) -> None:
        if self.is_down:
            await asyncio.sleep(min(within, SILENT))
            raise CannotReach("cannot reach gpu1: it is down", reason="down")
        await super()._asked(verb, within)

    @override
    def _check(self, aim: Aim, errand: Errand) -> None:
        """Refuse as its gate does, each action by what it ends."""
        frees = aim.action is Action.FREE_GPU_MEMORY
        now = tuple(identities(self.service()))
        super()._check(replace(aim, processes=now) if frees else aim, errand)
        if frees and {*aim.processes} != self.holders():
            raise HandRefused("cannot act: others hold it", reason="identity")
        if aim.action is Action.REBOOT and self.packages:
            raise HandRefused("cannot act: packages", reason="machine")
        if self.refuses_next:
            self.refuses_next = False
            raise HandRefused("cannot act: it does not", reason="unsupported")
        self._sent = (aim, errand.token)

    @override
    async def _effect(self, change: str) -> None:
        aim, _ = self._sent
        match aim.action:
            case Action.REBOOT:
                self._reboot(change)
            case Action.FREE_GPU_MEMORY:
                await self._free(change, aim)
            case _:
                await super()._effect(change)

    def _reboot(self, change: str) -> None:
        self.effects.append(change)
        self._boots[change] = (self.boot_id, self.clock.monotonic())
        self._became[change] = HandAnswer(state="running", because="boots")
        boots = asyncio.create_task(self._boot())
        self.acting.add(boots)
        boots.add_done_callback(self.acting.discard)

    async def _free(self, change: str, aim: Aim) -> None:
        """End who is named, and start the server if it was among them."""
        named = {one.pid for one in aim.processes}
        if STRAY in named and not (self.stuck or self.fails):
            self.stray_since = None
        if any(one.is_server for one in aim.processes):
            await super()._effect(change)
            return
        self.effects.append(change)
        self.sick = self.stray_since is not None
        await asyncio.sleep(self.takes)
        self._became[change] = HandAnswer(state="done", because="freed")
