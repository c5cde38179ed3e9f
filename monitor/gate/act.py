"""The verb `act`: the only one that ends or starts anything.

`answer` does what README.md says. A refusal has done nothing; whatever goes
wrong after the nonce was spent is a change that failed.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

from monitor.gate.act_asked import ActAsked, is_effect, read_act
from monitor.gate.act_config import ServiceKnown, read_act_config
from monitor.gate.act_free import FreeMemory
from monitor.gate.act_identity import check_identity
from monitor.gate.act_ledger import NONCE_LASTS, Ledger
from monitor.gate.act_lock import is_acting, machine_lock
from monitor.gate.act_managers import Effect, managed
from monitor.gate.act_patience import ended_when_it_hangs
from monitor.gate.act_process import BareRestart
from monitor.gate.act_reboot import Reboot, check_machine
from monitor.gate.act_session import in_own_session
from monitor.gate.act_signals import EffectFailed, ancestors_of
from monitor.gate.act_trust import check_platform
from monitor.gate.gaps import Gaps
from monitor.gate.hello import read_boot_id
from monitor.gate.machine import observe_machine
from monitor.gate.nvidia_smi import observe_gpu
from monitor.gate.outcome import Outcome, outcome_of
from monitor.gate.protocol import Refused
from monitor.gate.service import observe_service
from monitor.gate.version import GATE_VERSION

_LOOK_SECONDS = 16.0
"""What the part `service` may take; each tool that it asks has a quarter."""

_TELLING = 2.0
"""Seconds of `within` that are left for looking afterwards, and the answer."""

_FAILED = "cannot finish it: a fault of the gate"


class Actor:
    """Acts on this machine; `owner` is root but in tests.

    `role` is what the key of whoever asks is for: act or reboot.
    """

    def __init__(
        self,
        owner: int = 0,
        ledger: Ledger | None = None,
        bare: Callable[[set[int], int], BareRestart] = BareRestart,
        session: Callable[
            [Callable[[], Outcome], Callable[[], None] | None], Outcome
        ] = in_own_session,
        role: str = "act",
    ) -> None:
        self._owner = owner
        self._ledger = ledger or Ledger(owner)
        self._bare = bare
        self._session = session
        self._role = role
        self._reboot = Reboot(self._ledger)

    def run(self, request: dict[str, object]) -> Outcome:
        """Return the answer to a request; an effect goes on without us."""
        kin = ancestors_of(os.getpid())

        def work() -> Outcome:
            return outcome_of(lambda _: self.answer(request, kin), "act")

        do = request.get("do")
        if not is_effect(do):
            return work()
        then = self._reboot.carry_out if do == "reboot" else None
        return self._session(work, then)

    def answer(
        self, request: dict[str, object], kin: set[int]
    ) -> dict[str, object]:
        """Do what is asked; a refusal is an answer too, with `highest`."""
        try:
            asked = read_act(request, self._role)
            config = read_act_config(self._owner)
            check_platform(self._owner, contained=config.contained)
            service = config.service(asked.service)
            boot_id = _boot_id()
            found = self._do(asked, service, boot_id, kin)
        except Refused as refused:
            found = {
                "error": {
                    "reason": refused.reason,
                    "because": refused.because,
                },
                "gate": GATE_VERSION,
            }
        return {**found, "highest": self._ledger.highest()}

    def _do(
        self,
        asked: ActAsked,
        service: ServiceKnown,
        boot_id: str,
        kin: set[int],
    ) -> dict[str, object]:
        if asked.do == "prepare":
            return self._prepare(asked, service, boot_id)
        if asked.do == "became":
            return self._became(asked, service, boot_id)
        if asked.do == "reboot":
            return self._boot_anew(asked, boot_id)
        return self._acted(asked, service, boot_id, kin)

    def _prepare(
        self, asked: ActAsked, service: ServiceKnown, boot_id: str
    ) -> dict[str, object]:
        self._ledger.check_token(asked)
        seen = {**_look_at(service), **_looked_ahead(asked.aims)}
        # The nonce comes last: looking may take longer than it lasts.
        nonce = self._ledger.admit(asked, boot_id)
        return {
            "boot_id": boot_id,
            "nonce": nonce,
            "lasts": NONCE_LASTS,
            **seen,
        }

    def _became(
        self, asked: ActAsked, service: ServiceKnown, boot_id: str
    ) -> dict[str, object]:
        seen = _look_at(service)
        result = self._ledger.became(
            asked.change, boot_id, lambda: is_acting(self._owner)
        )
        state = {"state": "none", "because": "nothing of it was begun here"}
        told: dict[str, object] = {**state, "steps": []}
        if result is not None:
            told = {
                "state": result.state,
                "because": result.because,
                "steps": list(result.steps),
            }
        return {"boot_id": boot_id, **told, **seen}

    def _boot_anew(self, asked: ActAsked, boot_id: str) -> dict[str, object]:
        with machine_lock(self._owner):
            with ended_when_it_hangs():
                self._ledger.check(asked, boot_id)
                check_machine()
            return self._reboot.begin(asked, boot_id)

    def _acted(
        self,
        asked: ActAsked,
        service: ServiceKnown,
        boot_id: str,
        kin: set[int],
    ) -> dict[str, object]:
        with machine_lock(self._owner):
            with ended_when_it_hangs():
                self._ledger.check(asked, boot_id)
                effect = self._effect(asked, service, kin)
            self._ledger.begin(asked, boot_id)
            state, because = self._carried_out(asked.change, effect)
            steps = self._written(asked.change, state, because)
        return {"state": state, "because": because, "steps": steps}

    def _written(self, change: str, state: str, because: str) -> list[str]:
        """Write how it ended; return its steps. Something was done by now.

        So what cannot be written is no refusal, but an end nobody knows.
        """
        try:
            self._ledger.finish(change, state, because)
            result = self._ledger.result(change)
        except Refused as refused:
            raise Refused(
                "internal", f"{because}, but {refused.because}"
            ) from None
        return list(result.steps) if result else []

    def _effect(
        self, asked: ActAsked, service: ServiceKnown, kin: set[int]
    ) -> Effect:
        """Return what will be done. Raises `Refused`."""
        began = time.monotonic()
        seen = _look_at(service)["service"]
        if asked.do == "free-gpu-memory":
            known = seen if isinstance(seen, dict) else {}
            free = FreeMemory(self._bare(kin, self._owner))
            deadline = began + asked.within - _TELLING
            return free.effect(service, asked, known, deadline)
        processes = _processes_of(seen)
        check_identity(asked.named, processes)
        manager, name = service.asked.manager, service.asked.unit
        if manager == "process":
            bare = self._bare(kin, self._owner)
            return bare.effect(service, asked.named, processes)
        looked = time.monotonic() - began
        within = max(1.0, asked.within - looked - _TELLING)
        return managed(manager, name, _unit_of(seen), within)

    def _carried_out(self, change: str, effect: Effect) -> tuple[str, str]:
        """Do it; whatever happens now is how it ended."""

        def say(step: str) -> None:
            # A full disk must not stop it between the end and the start.
            with contextlib.suppress(Refused):
                self._ledger.step(change, step)

        try:
            return "done", effect.run(say)
        except EffectFailed as failed:
            return "failed", str(failed)
        except Refused as refused:
            return "failed", refused.because
        except Exception as error:  # noqa: BLE001 - it was begun: say so
            return "failed", f"{_FAILED} ({type(error).__name__})"


def _boot_id() -> str:
    boot_id = read_boot_id()
    if boot_id is None:
        raise Refused("unsupported", "cannot act here: no boot id is known")
    return boot_id


def _look_at(service: ServiceKnown) -> dict[str, object]:
    gaps = Gaps("service")
    question = {**service.question, "within": _LOOK_SECONDS}
    return {
        "service": observe_service(question, gaps),
        "gaps": gaps.entries,
    }


def _looked_ahead(aims: str) -> dict[str, object]:
    """Return what an effect will need to know beside the service."""
    if aims == "free-gpu-memory":
        gpu = observe_gpu({}, Gaps("gpu"))
        return {"gpu": {key: gpu[key] for key in ("code", "stdout")}}
    if aims == "reboot":
        return {"machine": observe_machine({}, Gaps("machine"))}
    return {}


def _unit_of(seen: object) -> dict[str, object] | None:
    unit = seen.get("unit") if isinstance(seen, dict) else None
    return unit if isinstance(unit, dict) else None


def _processes_of(seen: object) -> list[dict[str, object]]:
    found = seen.get("processes") if isinstance(seen, dict) else None
    return found if isinstance(found, list) else []
