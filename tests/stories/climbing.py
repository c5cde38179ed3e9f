"""What ann and bob do where a server is recovered, and what they see."""

import asyncio
from dataclasses import dataclass

from tests.stories.rescue import Answer, Rescue

_STEP = 0.1
HASTY = "tests.stories.hasty_daemon"
ALL = ("restart", "free-gpu-memory", "reboot")
CLIMBS = {
    "allow": list(ALL),
    "cooldown": "1s",
    "budget": dict.fromkeys(ALL, "10/1h"),
}


@dataclass
class Climbing:
    """A recover of a server, over HTTP."""

    rescue: Rescue

    async def begins(self, action: str = "recover", confirm: str = "") -> str:
        """Plan and apply it as ann; return its change."""
        plan = await self.rescue.plans(action=action)
        return await self.applies(plan["id"], confirm)

    async def applies(self, plan: str, confirm: str = "") -> str:
        path = f"plans/{plan}/apply"
        answer = await self.rescue.ask("POST", path, {"confirm": confirm})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def recovers(self, *, within: float = 120) -> Answer:
        """Return a recover as it ended, with no hand of ours in it."""
        change = await self.begins()
        return await self.rescue.ends(change, within=within)

    async def waits_for_people(self, change: str) -> Answer:
        """Return the rung that somebody has to apply and approve."""
        async with asyncio.timeout(60):
            while True:
                told = (
                    await self.rescue.ask("GET", f"changes/{change}")
                ).json()
                assert not told["outcome"], told
                for rung in told["rungs"]:
                    if rung["action"] == "reboot" and rung["id"] is None:
                        return dict(rung)
                await asyncio.sleep(_STEP)

    async def reboots(self, plan: str) -> str:
        """Let ann type the machine's name and bob agree."""
        change = await self.applies(plan, confirm="gpu1")
        path = f"plans/{plan}/approve"
        answer = await self.rescue.ask("POST", path, {}, by="bob")
        assert answer.status_code == 200, answer.text
        return change


def rungs(change: Answer) -> list[tuple[str, str]]:
    """Return what was tried, mildest first, and what came of each."""
    return [(one["action"], one["outcome"]) for one in change["rungs"]]
