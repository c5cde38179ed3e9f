"""The verb `act` of a simulated gate: tokens, nonces, and their effects.

Its FaceFusion is one process, which holds all of its memory: freeing that
ends it and starts it again.

As monitor/gate/README.md has it, but for what only a real machine can refuse.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.gate.act_asked import EFFECTS, is_effect
from monitor.gate.protocol import Refused
from monitor.simulator.gate.acting_results import Results
from monitor.simulator.gate.service_part import service
from monitor.simulator.gate.site import Answer, Question
from monitor.simulator.machine.process import Process
from monitor.simulator.machine.world import DIRECTORY, UNIT, World

LASTS = 30.0
"""Seconds that a nonce lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonce:
    """What opens one effect of one change, until a monotonic time."""

    word: str
    change: str
    verb: str
    until: float


class Fenced(Refused):
    """A token that is lower than one seen before, or of another change."""

    def __init__(self, highest: int) -> None:
        super().__init__(
            "fenced", f"cannot act: a monitor with token {highest} was here"
        )
        self.highest = highest


class Acting:
    """What a machine remembers of those who acted on it.

    `restart` starts FaceFusion anew, with what that heals. `reboot` lets
    the machine go down soon and come back, None for one that cannot.
    """

    def __init__(
        self,
        world: World,
        monotonic: Callable[[], float],
        restart: Callable[[], None],
        reboot: Callable[[], None] | None = None,
    ) -> None:
        self._world = world
        self._monotonic = monotonic
        self._restart = restart
        self._reboot = reboot
        self._lock = threading.Lock()
        self._highest = 0
        self._holder = ""
        self._nonce: Nonce | None = None
        self._results = Results()

    def answer(self, request: Question, role: str = "act") -> Answer:
        """Prepare, act, or tell what became of it. Raises `Refused`.

        `role` is what the key is for that asks.
        """
        for effect in (request.get("do"), request.get("for")):
            if is_effect(effect) and effect not in EFFECTS[role]:
                raise Refused(
                    "forbidden", f"cannot {effect}: this key is to {role}"
                )
        if request.get("service") != self._world.host:
            raise Refused(
                "unknown_service", "cannot act on this service: no such name"
            )
        change, token = _errand(request)
        with self._lock:
            match request.get("do"):
                case "prepare":
                    verb = str(request.get("for") or "restart")
                    return self._prepare(change, token, verb)
                case "restart" | "free-gpu-memory":
                    return self._act(request, change, token)
                case "reboot":
                    return self._boot_anew(request, change, token)
                case "became":
                    return self._became(change)
                case _:
                    raise Refused(
                        "bad_request", "cannot do this: no such action here"
                    )

    def _prepare(self, change: str, token: int, verb: str) -> Answer:
        self._fence(change, token)
        word = secrets.token_hex(16)
        until = self._monotonic() + LASTS
        self._nonce = Nonce(word=word, change=change, verb=verb, until=until)
        return {"nonce": word, "lasts": LASTS, **self._seen()}

    def _act(self, request: Question, change: str, token: int) -> Answer:
        self._admit(request, change, token)
        self._check_processes(request.get("processes"))
        self._nonce = None
        self._restart()
        verb = "restart" if request.get("do") == "restart" else "start"
        result: Answer = {
            "state": "done",
            "because": f"systemctl {verb} {UNIT} ended well",
            "steps": [f"systemctl {verb} -- {UNIT}: active"],
        }
        self._results.keep(change, result)
        return {**result, "highest": self._highest}

    def _boot_anew(self, request: Question, change: str, token: int) -> Answer:
        self._admit(request, change, token)
        if self._reboot is None:
            raise Refused(
                "unsupported",
                "cannot reboot this simulated host: nobody would start it",
            )
        self._nonce = None
        boot_id = self._world.boot.id
        result: Answer = {
            "state": "running",
            "because": "this machine is about to be booted anew",
            "steps": ["runs systemctl reboot in a moment"],
        }
        self._results.begun(change, result, boot_id, self._monotonic())
        self._reboot()
        return {**result, "boot_id": boot_id, "highest": self._highest}

    def _became(self, change: str) -> Answer:
        boot_id, now = self._world.boot.id, self._monotonic()
        return {**self._results.became(change, boot_id, now), **self._seen()}

    def _seen(self) -> Answer:
        question = {"manager": "systemd", "unit": UNIT, "directory": DIRECTORY}
        return {
            "boot_id": self._world.boot.id,
            "highest": self._highest,
            "service": service(self._world, question, self._world.now()),
        }

    def _admit(self, request: Question, change: str, token: int) -> None:
        """Refuse an effect that has no right to begin."""
        self._fence(change, token)
        boot_id = self._world.boot.id
        if request.get("boot_id") != boot_id:
            raise Refused("boot", "cannot act: this is another boot")
        self._check_nonce(request, change)
        if self._results.goes_down(boot_id, self._monotonic()):
            raise Refused("locked", "cannot act: this machine goes down")

    def _fence(self, change: str, token: int) -> None:
        is_same = token == self._highest and change == self._holder
        if token <= self._highest and not is_same:
            raise Fenced(self._highest)
        self._highest, self._holder = token, change

    def _check_nonce(self, request: Question, change: str) -> None:
        held, asked = self._nonce, (request.get("nonce"), request.get("do"))
        if (
            held is None
            or held.change != change
            or (held.word, held.verb) != asked
        ):
            raise Refused("nonce", "cannot act: this nonce opens nothing")
        if self._monotonic() > held.until:
            raise Refused("nonce", f"cannot act: {LASTS:g} s are over")

    def _check_processes(self, named: object) -> None:
        process = self._world.service.process
        there = {_identity(process)} if process else set()
        if not isinstance(named, list) or there != set(map(_named, named)):
            raise Refused(
                "identity", "cannot act: other processes run than were named"
            )


def _errand(request: Question) -> tuple[str, int]:
    change, token = request.get("change"), request.get("token")
    if not isinstance(change, str) or type(token) is not int or token < 1:
        raise Refused("bad_request", "cannot find the change or its token")
    return change, token


def _identity(process: Process) -> tuple[str, str]:
    return str(process.pid), str(process.start_ticks)


def _named(one: object) -> tuple[str, str]:
    named = one if isinstance(one, Mapping) else {}
    return str(named.get("pid")), str(named.get("start_ticks"))
