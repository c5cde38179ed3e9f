"""nvidia-smi on a host: through the gate, or by a script of the shell."""

from collections.abc import Mapping
from typing import Protocol

from monitor.adapters.gate import flaws
from monitor.adapters.gate.remote import MARGIN
from monitor.adapters.ssh.deadline import Deadline
from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote
from monitor.ports import Gate, Ran, Shell
from monitor.probes.gpu_script import script

KNOWING = 1 / 3
"""Share of the time that finding out about the gate may take. Later than
that the script goes ahead: a gate that hangs must not hide the GPUs."""


class WayOfGate(Gate, Protocol):
    """A gate that tells how it was found."""

    where: str

    async def way(self, *, within: float) -> str:
        """Return installed, stdin or plain. Raises `CannotReach`."""
        ...


class RemoteNvidiaSmi:
    """nvidia-smi on a host, as `monitor.ports.NvidiaSmi`.

    Through the gate where one is installed: its forced command swallows
    every script. Elsewhere by the script, whatever is wrong with the gate.
    """

    def __init__(self, shell: Shell, gate: WayOfGate) -> None:
        self._shell = shell
        self._gate = gate
        self._was_installed = False

    async def collect(self, *, within: float) -> Ran:
        """Run `nvidia-smi -q -x`; codes as `probes.gpu_script` has them.

        Raises `CannotReach`.
        """
        deadline = Deadline(within)
        try:
            way = await self._gate.way(within=within * KNOWING)
        except CannotReach:
            if self._was_installed:
                raise
            way = ""
        self._was_installed = way == "installed"
        left = deadline.remaining()
        if way == "installed":
            return await self._through_gate(left)
        return await self._shell.run(script(round(left)), within=left)

    async def _through_gate(self, within: float) -> Ran:
        asked = {"gpu": {"within": max(1.0, within - 2 * MARGIN)}}
        answer = await self._gate.observe(asked, within=within)
        parts = answer.body.get("parts")
        found = parts.get("gpu") if isinstance(parts, Mapping) else None
        if not isinstance(found, Mapping):
            raise self._gap(answer.body.get("gaps"))
        return self._ran(found)

    def _ran(self, found: Mapping[str, object]) -> Ran:
        code, stdout, stderr, duration = (
            found.get(name)
            for name in ("code", "stdout", "stderr", "duration")
        )
        if not (
            isinstance(code, int)
            and isinstance(stdout, str)
            and isinstance(duration, int | float)
        ):
            raise flaws.malformed(self._gate.where, "it has no nvidia-smi")
        return Ran(
            code=code,
            stdout=stdout.encode(errors="replace"),
            stderr=str(stderr or "").encode(errors="replace"),
            duration=duration,
        )

    def _gap(self, gaps: object) -> CannotReach:
        because = "it does not say why"
        for gap in gaps if isinstance(gaps, list) else ():
            if isinstance(gap, Mapping) and gap.get("part") == "gpu":
                because = quote(str(gap.get("because")))
        return CannotReach(
            f"cannot run nvidia-smi on {self._gate.where}: {because}",
            reason="failed",
        )
