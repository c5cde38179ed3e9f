"""A whole application with a desk of recovery, and who may come to it."""

import json
from typing import Any

import httpx

from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Word
from monitor.web.auth import Token
from tests.fakes.clock import FakeClock
from tests.fakes.recovery import FakeRecovery
from tests.web.api_house import ANN, PROMETHEUS, READER, ApiHouse, token

PLANS = "/api/v1/targets/studio/plans"
WANTED: dict[str, Any] = {"action": "restart", "reason": "it hangs"}
COOLDOWN = Verdict(
    gate="cooldown", word=Word.REFUSED, because="done 2 min ago"
)
BOB = token("bob", "approve", person="bob")
OPERATOR = token("operator", "operate", person="olga")
CI = token("ci", "maintain", person="ci")
NOBODY = token("nobody", "operate", "approve")
"""No configuration lets this one in: it names no person."""
STAFF: tuple[Token, ...] = (
    ANN,
    BOB,
    OPERATOR,
    CI,
    READER,
    PROMETHEUS,
    NOBODY,
)


class RecoveryHouse(ApiHouse):
    """A house with the desk `desk`, and tokens unless told otherwise."""

    def __init__(self, *tokens: Token, strangers: bool = False) -> None:
        self.desk = FakeRecovery(FakeClock())
        super().__init__(
            *(() if strangers else tokens or STAFF), recovery=self._open
        )

    def _open(self, clock: FakeClock) -> FakeRecovery:
        self.desk.clock = clock
        return self.desk

    async def post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        by: str = "oncall-ann",
        key: str = "",
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        text = b"" if body is None else json.dumps(body).encode()
        if text:
            headers["Content-Type"] = "application/json"
        async with self.client(by, **headers) as client:
            return await client.post(path, content=text)

    async def get(self, path: str, *, by: str = "oncall-ann") -> Any:  # noqa: ANN401 - JSON
        async with self.client(by) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def planned(self) -> str:
        """Return the id of a new plan."""
        answer = await self.post(PLANS, WANTED)
        return str(answer.json()["id"])

    async def applied(self) -> str:
        """Return the id of a new change."""
        plan = await self.planned()
        path = f"/api/v1/plans/{plan}/apply"
        answer = await self.post(path, {"confirm": "studio"})
        return str(answer.json()["id"])
