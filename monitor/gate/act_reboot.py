"""Boots the machine anew, once the answer is on its way."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping

from monitor.gate.act_asked import ActAsked
from monitor.gate.act_ledger import Ledger
from monitor.gate.commands import Ended, run_command
from monitor.gate.gaps import Gaps
from monitor.gate.machine import observe_machine
from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT
from monitor.gate.units import failure

ANSWERED_FIRST = 2.0
"""Seconds between the answer and the reboot, so that it still arrives."""

_ASKING_SYSTEMD = 30.0
_REBOOT = ("systemctl", "reboot")


class Reboot:
    """One reboot: allowed, begun, and carried out when that is answered."""

    def __init__(
        self,
        ledger: Ledger,
        run: Callable[[tuple[str, ...], float], Ended] = run_command,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._sleep = sleep
        self._change: str | None = None

    def begin(self, asked: ActAsked, boot_id: str) -> dict[str, object]:
        """Write that it runs; return the answer. Raises `Refused`."""
        self._ledger.begin(asked, boot_id)
        self._change = asked.change
        step = f"runs {' '.join(_REBOOT)} in {ANSWERED_FIRST:.0f} s"
        with contextlib.suppress(Refused):
            self._ledger.step(asked.change, step)
        return {
            "boot_id": boot_id,
            "state": "running",
            "because": "this machine is about to be booted anew",
            "steps": [step],
        }

    def carry_out(self) -> None:
        """Ask systemd for it, where it was begun; else do nothing.

        Only a refusal of systemd's is a failure: where systemctl is ended
        by a signal, or is slow, the machine may be on its way down.
        """
        if self._change is None:
            return
        self._sleep(ANSWERED_FIRST)
        ended = self._run(_REBOOT, _ASKING_SYSTEMD)
        if ended.late or ended.code is None or ended.code <= 0:
            return
        because = f"cannot reboot: {failure(ended, _REBOOT[0])}"
        with contextlib.suppress(Refused):
            self._ledger.finish(self._change, "failed", because)


def check_machine() -> None:
    """Raise `Refused` where a reboot would break something, or cannot be.

    As sd_booted(3) tells systemd: by its own folder.
    """
    if not os.path.isdir(ROOT.path("run", "systemd", "system")):
        raise Refused(
            "unsupported", "cannot reboot: the first process is no systemd"
        )
    seen = observe_machine({}, Gaps("machine"))
    packages = _all_told(seen, "packages", "name", "pid")
    if packages:
        raise Refused(
            "machine",
            f"cannot reboot while a package manager works: {packages}",
        )
    inhibitors = _all_told(seen, "inhibitors", "who", "why")
    if inhibitors:
        raise Refused(
            "machine", f"cannot reboot: a shutdown is blocked by {inhibitors}"
        )


def _all_told(
    seen: Mapping[str, object], what: str, name: str, more: str
) -> str:
    """Return in words who is there. Raises `Refused` where nobody knows."""
    found = seen.get(what)
    if not isinstance(found, list):
        raise Refused("machine", f"cannot reboot: nobody can tell {what}")
    return ", ".join(f"{one[name]} ({one[more]})" for one in found)
