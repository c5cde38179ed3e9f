"""A machine with a FaceFusion server, and the acting gate on it.

The gate keeps the rules of monitor/gate/README.md (act): tokens, nonces that
are spent, identities. Its effect ends by itself, whoever hangs up. It counts
what it really did.
"""
# ruff: noqa: ARG002 - the gate looks at less than the port says

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.identity import Identity, identities
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import (
    Listener,
    Process,
    ServiceReading,
    Unit,
)
from monitor.ports import Clock
from monitor.ports.recovery import Errand, HandAnswer

Comes = Literal[
    "well", "other_port", "not", "slow", "crash_loop", "same", "stopped"
]
BOOT = "0d3b5c1e-8f5e-4d2b-9d5c-0a4d0e6f7a11"
NONCE_LASTS = 30.0
TICKS = 100


@dataclass
class FakeHand:
    """`comes` is how the server comes back after a restart.

    `takes` are the seconds of an effect, `answers_after` those of every
    answer. `line` loses the line before or after an effect, or for good;
    `refuses` what a verb is refused with, `says` the answer to an act that
    is no right one.
    """

    clock: Clock
    port: int = 9002
    comes: Comes = "well"
    takes: float = 3.0
    answers_after: float = 0.1
    starts_in: float = 5.0
    line: Literal["", "before", "after", "gone"] = ""
    fails: str = ""
    refuses: dict[str, HandRefused] = field(default_factory=dict)
    boot_id: str = BOOT
    highest: int = 0
    stopped: bool = False
    tells_service: bool = True
    says: HandAnswer | None = None
    effects: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    acting: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._nonce: tuple[str, str, float] | None = None
        self._nonces = 0
        self._of_token: dict[int, str] = {}
        self._became: dict[str, HandAnswer] = {}
        self._restarted_at: float | None = None
        self._booted_at = self.clock.monotonic() - 86_400.0
        self._first = self.clock.monotonic() - 3_600.0
        self.sick = True

    # What there is to be seen.

    @property
    def status_passes(self) -> bool:
        """Whether the server answers on its own port."""
        reading = self.service()
        listens = any(one.port == self.port for one in reading.listeners)
        return listens and not self.sick

    def service(self) -> ServiceReading:
        """Return what anybody sees of it just now."""
        pid, born = self._server()
        age = self.clock.monotonic() - born
        now = self.clock.now()
        there = pid is not None
        return ServiceReading(
            manager="systemd",
            port=self.port,
            boot_id=self.boot_id,
            now=now,
            unit=Unit(
                manager="systemd",
                name="facefusion.service",
                exists=True,
                active_state="active" if there else "failed",
                restarts=0,
            ),
            processes=(self._process(pid, now - age, born),) if there else (),
            listeners=self._listeners(pid, age),
        )

    def _process(
        self, pid: int | None, started_at: float, born: float
    ) -> Process:
        return Process(
            pid=pid or 0,
            start_ticks=int((born - self._booted_at) * TICKS),
            started_at=started_at,
            uid=1000,
            state="S",
            cmdline=("/opt/facefusion/venv/bin/python", "facefusion.py"),
            cwd="/opt/facefusion",
            cgroup="/system.slice/facefusion.service",
            is_server=True,
        )

    def _listeners(self, pid: int | None, age: float) -> tuple[Listener, ...]:
        starts_in = 10_000.0 if self.comes == "slow" else self.starts_in
        if pid is None or (self._restarted_at and age < starts_in):
            return ()
        drifts = self.comes == "other_port" and self._restarted_at
        port = self.port + 1 if drifts else self.port
        return (Listener(address="0.0.0.0", port=port, pid=pid),)  # noqa: S104 - as ss shows it

    def _server(self) -> tuple[int | None, float]:
        """Return the process that serves, and when it was born."""
        at = self._restarted_at
        if at is None or self.comes == "same":
            return 4000, self._first
        age = self.clock.monotonic() - at
        if self.comes in {"not", "stopped"} or age < 0:
            return None, at
        if self.comes == "crash_loop":
            lives = int(age // 4)
            return 5000 + lives, at + 4 * lives
        return 5000, at

    # What may be done.

    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        await self._asked("prepare", within)
        self._fence(errand)
        self.highest = errand.token
        self._of_token[errand.token] = errand.change
        self._nonces += 1
        nonce = f"nonce-{self._nonces}"
        self._nonce = (nonce, errand.change, self.clock.monotonic())
        return HandAnswer(
            nonce=nonce,
            boot_id=self.boot_id,
            highest=self.highest,
            service=self.service() if self.tells_service else None,
        )

    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        await self._asked("act", within)
        self._check(aim, errand)
        self._nonce = None
        self._became[errand.change] = HandAnswer(state="running")
        effect = asyncio.create_task(self._effect(errand.change))
        self.acting.add(effect)
        effect.add_done_callback(self.acting.discard)
        async with asyncio.timeout(within):
            await asyncio.shield(effect)
        if self.line in {"after", "gone"}:
            raise _lost()
        return self.says or self._became[errand.change]

    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        if self.line != "gone":
            self.line = ""
        await self._asked("became", within)
        return self._became.get(errand.change, HandAnswer(state="none"))

    async def _effect(self, change: str) -> None:
        self.effects.append(change)
        if self.fails:
            answer = HandAnswer(state="failed", because=self.fails)
            await asyncio.sleep(self.takes)
        else:
            self._restarted_at = self.clock.monotonic() + self.takes
            self.sick = self.comes == "same"
            self.stopped = self.comes == "stopped"
            await asyncio.sleep(self.takes)
            answer = HandAnswer(
                state="done", because="done", steps=("systemctl restart",)
            )
        self._became[change] = answer

    async def _asked(self, verb: str, within: float) -> None:
        self.asked.append(verb)
        if self.line == "gone" and verb != "act":
            raise _lost()
        async with asyncio.timeout(within):
            await asyncio.sleep(self.answers_after)
        if self.line == "before" and verb == "act":
            raise _lost()
        if verb in self.refuses:
            raise self.refuses[verb]

    def _fence(self, errand: Errand) -> None:
        owner = self._of_token.get(errand.token, errand.change)
        if errand.token < self.highest or owner != errand.change:
            raise HandRefused(
                f"cannot act: token {errand.token} is not above"
                f" {self.highest}",
                reason="fenced",
                highest=self.highest,
            )

    def _check(self, aim: Aim, errand: Errand) -> None:
        self._fence(errand)
        if self.acting:
            raise HandRefused("cannot act: it is locked", reason="locked")
        nonce, change, at = self._nonce or ("", "", 0.0)
        is_old = self.clock.monotonic() - at > NONCE_LASTS
        if (nonce, change) != (errand.nonce, errand.change) or is_old:
            raise HandRefused("cannot act: spent or old", reason="nonce")
        if aim.boot_id != self.boot_id:
            raise HandRefused("cannot act: another boot", reason="boot")
        now = identities(self.service())
        is_reboot = aim.action is Action.REBOOT
        if not is_reboot and _serving(aim.processes) != _serving(now):
            raise HandRefused("cannot act: others run", reason="identity")


def _serving(found: tuple[Identity, ...]) -> set[Identity]:
    return {one for one in found if one.is_server}


def _lost() -> CannotReach:
    return CannotReach("cannot reach gpu1: the line was lost", reason="reset")
