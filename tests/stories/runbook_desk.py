"""Somebody who gives the commands of a runbook as they are written."""

import asyncio
import base64
import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from monitor.cli import exit_codes
from monitor.simulator.machine.doors import LOOPING
from tests.bench.fault_list import WELL
from tests.bench.fault_town import host as name_of
from tests.deploy.test_runbooks import PLACE, README, commands, sections
from tests.stories.restart_town import Answer
from tests.stories.runbook_town import PLAYED, Town
from tests.stories.terminal import quick_command

PATIENCE = 100.0
"""Seconds in which a fault is diagnosed, or seen to be over."""
_PLANNED = re.compile(r"^plan (\S+):", re.MULTILINE)
_STARTED = re.compile(r"maintenance end (\S+)`")
_MISUSED = {
    exit_codes.USAGE,
    exit_codes.CONFIGURATION,
    exit_codes.INTERRUPTED,
}
_REBOOT = "Reboot through the monitor"
_LOOKS = {"check", "canary", "gpu", "diagnose", "status"}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command was, as the runbook has it, and what came of it."""

    words: Sequence[str]
    code: int
    text: str

    @override
    def __str__(self) -> str:
        return f"{shlex.join(self.words)} exited {self.code}:\n{self.text}"


@dataclass(kw_only=True)
class Reader:
    """Ann, who has the runbook of one cause before her, and its server."""

    town: Town
    cause: str
    plan: str = ""
    window: str = ""
    waits: bool = False
    said: list[Said] = field(default_factory=list)

    @property
    def target(self) -> str:
        return name_of(self.cause)

    async def is_diagnosed(self, cause: str) -> None:
        await self.town.monitor.is_diagnosed(cause, self.target, PATIENCE)

    async def is_mended(self) -> None:
        """Wait until all is well, after a loop of starts: until it serves.

        Its starts, and what it said at them, may be held against it for
        some minutes more, or be forgotten already.
        """
        if PLAYED[self.cause][0] not in LOOPING:
            return await self.is_diagnosed(WELL)
        await self.town.monitor.until(
            f"targets/{self.target}", _serves, PATIENCE
        )
        return None

    async def looks(self) -> None:
        """Give the commands under *Check*: they change nothing."""
        self.town.switch_on(self.cause)
        await self.is_diagnosed(self.cause)
        before = await self._changed()

        await asyncio.gather(*map(self.gives, self._commands("Check")))

        assert await self._changed() == before

    async def does(self) -> None:
        """Give the commands under *Do*, one after the other."""
        for words in self._commands("Do"):
            if "PLAN" not in words or self.plan:
                await self.gives(words)

    def of(self, *begin: str) -> list[Said]:
        """Return what came of the commands that begin so."""
        return [s for s in self.said if tuple(s.words[: len(begin)]) == begin]

    def last_looks(self) -> list[Said]:
        """Return the looks at the server that came after the last deed."""
        last = self.said.index(self.of("apply")[-1])
        return [s for s in self.said[last:] if s.words[0] in _LOOKS]

    async def gives(self, words: Sequence[str], by: str = "ann") -> Said:
        """Give one command, and let bob agree where it waits for that."""
        approving = None
        if words[0] == "apply" and self.waits:
            self.waits = False
            approving = asyncio.create_task(self._approved())
        said = await self._give(words, by)
        if approving is not None:
            await approving
        self.said.append(said)
        self._remember(said)
        return said

    async def _give(self, words: Sequence[str], by: str) -> Said:
        town = self.town
        code, out, err = await quick_command(
            *map(self._meant, words),
            cwd=town.folder,
            environ={
                "HOME": str(town.folder),
                "FACEFUSION_MONITOR_URL": town.monitor.url,
                "FACEFUSION_MONITOR_TOKEN_FILE": str(town.folder / by),
            },
            types=self.target if words[0] == "apply" else "",
        )
        said = Said(words=words, code=code, text=f"{out}{err}")
        assert code not in _MISUSED, said
        return said

    async def _approved(self) -> None:
        """Let bob agree, by the command of the index, to what is applied."""
        await self.town.monitor.until(
            f"plans/{self.plan}", lambda told: bool(told["change"])
        )
        (approve,) = (
            words
            for words in commands(sections(README)[_REBOOT])
            if words[0] == "approve"
        )
        said = await self._give(approve, "bob")
        assert said.code == exit_codes.OK, said

    def _remember(self, said: Said) -> None:
        """Keep what the next commands name."""
        if said.words[0] == "plan":
            planned = _PLANNED.search(said.text)
            self.plan = planned[1] if planned else ""
            self.waits = "another person must agree" in said.text
        if tuple(said.words[:2]) == ("maintenance", "start"):
            started = _STARTED.search(said.text)
            assert started is not None, said
            self.window = started[1]

    def _commands(self, heading: str) -> list[list[str]]:
        text = (PLACE / f"{self.cause}.md").read_text()
        return commands(sections(text)[heading])

    def _meant(self, word: str) -> str:
        """Return what a word of the runbook stands for here."""
        stands = {
            "studio": self.target,
            "gpu1": f"{self.target}-gpu",
            "PLAN": self.plan,
            "ID": self.window,
            "SHA256:…": self._fingerprint(),
        }
        return stands.get(word, word)

    def _fingerprint(self) -> str:
        line = self.town.host(self.cause).host_key_line
        key = base64.b64decode(line.split()[2])
        print_ = base64.b64encode(hashlib.sha256(key).digest())
        return f"SHA256:{print_.decode().rstrip('=')}"

    async def _changed(self) -> tuple[list[str], int]:
        """Return the changes of its server, and how often it was started."""
        told = await self.town.monitor.get("changes?limit=1000")
        mine = [
            one["id"]
            for one in told["changes"]
            if one["target"] == self.target
        ]
        return mine, self.town.starts[self.target].count


def _serves(told: Answer) -> bool:
    """Return whether its status answers: a loop of starts shuts its port."""
    found = told["diagnosis"]
    return (
        told["health"] in {"healthy", "degraded"}
        and found["cause"] != "starting"
        and found["severity"] in {"info", "warning"}
    )
