"""A machine where the gate is installed to act, and the hands on it."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.ssh.host import SshHost
from monitor.domain.recovery.identity import Identity, identity_of
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports import Errand, HandAnswer
from tests.fakes.clock import FakeClock
from tests.machines.host import DIRECTORY, PORT, SystemdHost
from tests.stories.rescue import install_gate, write_rescue

CARDS = (
    "GPU-aaaaaaaa-0000-0000-0000-000000000001",
    "GPU-bbbbbbbb-0000-0000-0000-000000000002",
)
WITHIN = 150.0
_tokens = count(1)
T = TypeVar("T")


class Acting:
    """Plans and acts there as a monitor would, without one."""

    def __init__(self, host: SystemdHost, folder: Path) -> None:
        self.host = host
        self._folder = folder

    def aim(self, action: Action, cards: tuple[str, ...] = ()) -> Aim:
        return Aim(
            action=action,
            target="studio",
            url=self.host.url,
            host="gpu1",
            manager="systemd",
            unit="facefusion.service",
            directory=DIRECTORY,
            port=PORT,
            boot_id=self.host.boot_id(),
            processes=(),
            steps=(),
            cards=cards,
        )

    def prepared(self, aim: Aim, *pids: int) -> tuple[Aim, Errand]:
        """Return what is exactly planned, of these processes, and its right.

        The nonce runs out 30 s later.
        """
        errand = _errand()
        there = self._ask(aim, lambda hand: _prepare(hand, aim, errand))
        exact = replace(
            aim,
            boot_id=there.boot_id,
            processes=tuple(_named(there, *pids)),
        )
        return exact, replace(errand, nonce=there.nonce)

    def does(self, aim: Aim, errand: Errand, key: str = "") -> HandAnswer:
        """Do it, with the key for it or another one."""
        return self._ask(
            aim, lambda hand: hand.act(aim, errand, within=WITHIN), key
        )

    def became(self, aim: Aim, errand: Errand) -> HandAnswer:
        return self._ask(aim, lambda hand: hand.became(aim, errand, within=20))

    def frees(self, *pids: int) -> HandAnswer:
        """Free the first card of these processes."""
        aim = self.aim(Action.FREE_GPU_MEMORY, CARDS[:1])
        return self.does(*self.prepared(aim, *pids))

    def _ask(
        self,
        aim: Aim,
        does: Callable[[RemoteHand], Awaitable[T]],
        key: str = "",
    ) -> T:
        usual = "reboot" if aim.action is Action.REBOOT else "act"

        async def done() -> T:
            hand = self._hand(key or usual)
            try:
                return await does(hand)
            finally:
                await hand.close()

        return asyncio.run(done())

    def _hand(self, role: str) -> RemoteHand:
        settings = replace(self.host.settings, key_file=self._folder / role)

        def connect() -> SshHost:
            return SshHost("gpu1", settings, FakeClock(), chance=lambda: 1.0)

        return RemoteHand(connect, "host 'gpu1'", role=role)


@contextmanager
def acting_on(host: SystemdHost, *keys: str) -> Iterator[Acting]:
    """Install the gate with these keys; they are gone afterwards."""
    folder = Path(mkdtemp(prefix="acting-"))
    try:
        path = write_rescue(host, folder, {}, keys=keys)
        asyncio.run(install_gate(host, path))
        yield Acting(host, folder)
    finally:
        shutil.rmtree(folder)


def _errand() -> Errand:
    token = next(_tokens)
    return Errand(change=f"c-{token}", token=token)


async def _prepare(hand: RemoteHand, aim: Aim, errand: Errand) -> HandAnswer:
    return await hand.prepare(aim, errand, within=20)


def _named(there: HandAnswer, *pids: int) -> Iterator[Identity]:
    """Yield who they are, of all that root saw there."""
    service = there.service
    assert service
    for one in (*service.processes, *(service.strays or ())):
        exact = identity_of(there.boot_id, one)
        if exact and one.pid in pids:
            yield exact
