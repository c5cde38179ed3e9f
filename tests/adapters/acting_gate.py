"""A machine with an acting gate, as far as a channel to it shows."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, cast

from monitor.adapters.gate.acting import RemoteHand
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.words import Action
from monitor.ports import Errand

WHERE = "host 'gpu1' (192.0.2.1:22)"
WITHIN = 5.0
BOOT = "0f5e8a4e-6d4c-4b39-9a52-000000000001"
ERRAND = Errand(change="c-1", token=7, nonce="n-1")
ONE = Identity(
    boot_id=BOOT,
    pid=412,
    start_ticks=99,
    uid=1501,
    cmdline=("/opt/facefusion/venv/bin/python", "facefusion.py", "run"),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    is_server=True,
)
AIM = Aim(
    action=Action.RESTART,
    target="studio",
    url="http://192.0.2.1:7860",
    host="gpu1",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=7860,
    boot_id=BOOT,
    processes=(ONE,),
    steps=("restart it",),
)
SERVICE = {
    "now": 5.0,
    "unit": None,
    "processes": [{"pid": 412, "start_ticks": 99, "started_at": 1.0}],
    "listeners": [],
    "port_taken_by": None,
}
PREPARED = {
    "at": 5.0,
    "boot_id": BOOT,
    "nonce": "n-1",
    "lasts": 30,
    "highest": 7,
    "service": SERVICE,
}
DONE = {
    "at": 6.0,
    "state": "done",
    "because": "it was restarted",
    "steps": ["systemctl restart"],
    "highest": 7,
}
BECAME = {**DONE, "boot_id": BOOT, "service": SERVICE}

Body = Mapping[str, Any]
Answers = Callable[[Body, "Channel"], None]


def says(answer: Body) -> Answers:
    """Answer like this, with the id that was asked."""
    return lambda asked, channel: channel.say({"id": asked["id"], **answer})


def refuses(reason: object, **more: object) -> Answers:
    error = {"reason": reason, "because": f"cannot: {reason}"}
    return says({"error": error, **more})


class Channel:
    """One line to the gate; what it says waits until it is received."""

    where = WHERE

    def __init__(self, gate: "ActingGate") -> None:
        self.complaints = gate.complaints
        self.is_closed = False
        self._gate = gate
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._skip = 0

    def say(self, answer: Body) -> None:
        self.utter(json.dumps({"v": 1, **answer}).encode() + b"\n")

    def utter(self, data: bytes) -> None:
        self._said.put_nowait(data)

    def cut(self) -> None:
        self.utter(b"")

    async def send(self, data: bytes, *, within: float) -> None:
        del within
        for line in data.removeprefix(b"# ").splitlines():
            if self._skip > 0:
                self._skip -= len(line) + 1
            elif not self.is_closed:
                self._gate.heard(json.loads(line), self)

    def skip(self, size: int) -> None:
        self._skip = size

    async def receive(self) -> bytes:
        return await self._said.get()

    async def close(self) -> None:
        self.is_closed = True
        self.cut()

    async def abandon(self) -> None:
        await self.close()

    async def check_connection(self) -> None:
        """The connection is well."""


class ActingGate:
    """Answers by what was asked to be done; notes all it was asked.

    `greeting` is what it says of itself; `greets` instead of that. `hosts`
    counts connections that were made, `closed` those that were closed.
    """

    def __init__(self) -> None:
        self.greeting: Body = {
            "gate": "0.1.0",
            "way": "installed",
            "role": "act",
            "python": "3.11.2",
            "verbs": ["hello", "observe", "act"],
        }
        self.complaints = ""
        self.greets: Answers = lambda asked, channel: channel.say(
            {"id": asked["id"], **self.greeting}
        )
        self.asked: list[Body] = []
        self.was_told_to = asyncio.Event()
        self.channels: list[Channel] = []
        self.hosts = 0
        self.closed = asyncio.Semaphore(0)
        self.refuses_channels: CannotReach | None = None
        self._answers: dict[str, deque[Answers]] = {}

    def will(self, do: str, *answers: Answers) -> None:
        """Answer what is to be done in this order."""
        self._answers[do] = deque(answers)

    def hand(self, *, idle: float = 60.0, role: str = "act") -> RemoteHand:
        def connect() -> SshHost:
            self.hosts += 1
            return cast("SshHost", Connection(self))

        return RemoteHand(connect, WHERE, idle=idle, role=role)

    def heard(self, asked: Body, channel: Channel) -> None:
        if asked["verb"] == "hello":
            channel.skip(asked["skip"])
            self.greets(asked, channel)
            return
        self.asked.append(asked)
        do = asked.get("do", asked["verb"])
        if do == "restart":
            self.was_told_to.set()
        answers = self._answers.get(do)
        if answers:
            answers.popleft()(asked, channel)


class Connection:
    """What the act key logs in over."""

    where = WHERE

    def __init__(self, gate: ActingGate) -> None:
        self._gate = gate

    async def stream(self, command: str, *, within: float) -> Channel:
        del command, within
        if self._gate.refuses_channels:
            raise self._gate.refuses_channels
        channel = Channel(self._gate)
        self._gate.channels.append(channel)
        return channel

    async def close(self) -> None:
        self._gate.closed.release()
