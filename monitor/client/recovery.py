"""Plans, changes and the audit, asked of a daemon."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import ValidationError

from monitor.client.caller import Caller, given, part
from monitor.client.errors import ClientError, NoDaemon, Refused, StillUnderWay
from monitor.domain.recovery.words import Action, State
from monitor.schemas.audit import Audit, AuditVerification
from monitor.schemas.change import Change, ChangeNow, Changes
from monitor.schemas.drill import Drill
from monitor.schemas.recovery import (
    Application,
    Attestation,
    BreakGlass,
    Denial,
    NewPlan,
    PlanNow,
    Plans,
)
from monitor.schemas.wire import Asked

Words = TypeVar("Words", bound=Asked)

_PASSES = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""Answers that mean: not now."""


def _unheard(_: ClientError) -> None:
    """Hear nothing."""


_AGED: dict[str, Any] = {
    **dict.fromkeys(("at", "age_seconds", "updated_age_seconds"), True),
    "updated_at": True,
    "rungs": {
        "__all__": {"approvals": {"given": {"__all__": {"age_seconds"}}}}
    },
}
"""What changes while nothing goes on."""


class RecoveryClient(Caller):
    """What may be asked for, and what became of it.

    `key` is an Idempotency-Key: sent again with it, the same request is done
    once and gets the same answer; without one each call has its own.
    """

    async def plan(
        self,
        target: str,
        action: Action | str,
        reason: str,
        *,
        break_glass: BreakGlass | None = None,
        key: str = "",
    ) -> PlanNow:
        """Return what would be done. Raises `PlanRefused`."""
        asked = _words(
            NewPlan, action=action, reason=reason, break_glass=break_glass
        )
        data = await self._say(
            f"targets/{part(target)}/plans",
            asked,
            key=key,
            within=self._bounds.plan,
        )
        return self._read(data, PlanNow)

    async def apply(
        self, plan: str, *, confirm: str = "", key: str = ""
    ) -> ChangeNow:
        """Have a plan carried out. Raises `PlanRefused`, `Refused`."""
        data = await self._say(
            f"plans/{part(plan)}/apply",
            _words(Application, confirm=confirm),
            key=key,
            within=self._bounds.plan,
        )
        return self._read(data, ChangeNow)

    async def approve(self, plan: str, *, key: str = "") -> PlanNow:
        """Give a word for another person's plan."""
        data = await self._say(f"plans/{part(plan)}/approve", key=key)
        return self._read(data, PlanNow)

    async def deny(self, plan: str, reason: str, *, key: str = "") -> PlanNow:
        """Forbid a plan."""
        data = await self._say(
            f"plans/{part(plan)}/deny", _words(Denial, reason=reason), key=key
        )
        return self._read(data, PlanNow)

    async def attest(self, plan: str, done: str, *, key: str = "") -> PlanNow:
        """Note that a plan's steps were done by hand."""
        data = await self._say(
            f"plans/{part(plan)}/attest",
            _words(Attestation, done=done),
            key=key,
        )
        return self._read(data, PlanNow)

    async def cancel(self, change: str, *, key: str = "") -> ChangeNow:
        """Stop a change, or note that it was wanted too late."""
        data = await self._say(f"changes/{part(change)}/cancel", key=key)
        return self._read(data, ChangeNow)

    async def drill(self, target: str, *, key: str = "") -> Drill:
        """Have an incident rehearsed on a target; nothing is done to it."""
        data = await self._say(
            f"targets/{part(target)}/drills",
            key=key,
            within=self._bounds.drill,
        )
        return self._read(data, Drill)

    async def plans(self, *, limit: int | None = None) -> Plans:
        """Return plans, newest first."""
        return await self._get("plans", Plans, given({"limit": limit}))

    async def plan_of(self, plan: str) -> PlanNow:
        """Return a plan by its id."""
        return await self._get(f"plans/{part(plan)}", PlanNow)

    async def changes(
        self,
        *,
        limit: int | None = None,
        before: str | None = None,
        target: str | None = None,
    ) -> Changes:
        """Return changes, newest first; `before` is a `next_before`."""
        asked = given({"limit": limit}, before=before, target=target)
        return await self._get("changes", Changes, asked)

    async def change(self, change: str) -> ChangeNow:
        """Return a change by its id."""
        return await self._get(f"changes/{part(change)}", ChangeNow)

    async def follow(
        self,
        change: str,
        *,
        within: float,
        every: float = 1.0,
        waits: Callable[[ClientError], None] = _unheard,
    ) -> AsyncIterator[ChangeNow]:
        """Yield a change as it is, and each time it went on, to its end.

        Asks every `every` seconds. A daemon that restarts meanwhile is waited
        for, and `waits` hears of it, once until it is back. After `within`
        seconds it raises `StillUnderWay`, or why the last question had no
        answer; the change goes on by itself.
        """
        loop = asyncio.get_running_loop()
        until, last, is_away = loop.time() + within, "", False
        while True:
            told = await self._change_now(change)
            if isinstance(told, ChangeNow):
                is_away = False
                if _stage(told) != last:
                    last = _stage(told)
                    yield told
                if told.state is State.ENDED:
                    return
            elif not is_away:
                is_away = True
                waits(told)
            if loop.time() + every > until:
                raise _too_late(change, within, told)
            await asyncio.sleep(every)

    async def audit(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
        plan: str | None = None,
    ) -> Audit:
        """Return the audit, oldest first; `after` is a `next_after`."""
        asked = given({"after": after, "limit": limit}, plan=plan)
        return await self._get("audit", Audit, asked)

    async def audit_verification(self) -> AuditVerification:
        """Have the audit's chain computed anew."""
        return await self._get(
            "audit/verification", AuditVerification, within=self._bounds.plan
        )

    async def _change_now(self, change: str) -> ChangeNow | ClientError:
        """Return a change, or why nobody could tell of it just now."""
        try:
            return await self.change(change)
        except NoDaemon as error:
            return error
        except Refused as error:
            if error.code in _PASSES:
                return error
            raise

    async def _say(
        self,
        path: str,
        asked: Asked | None = None,
        *,
        key: str,
        within: float | None = None,
    ) -> bytes:
        body = asked.model_dump_json(exclude_none=True) if asked else None
        return await self._post(
            f"/api/v1/{path}",
            body=body.encode() if body else None,
            key=key,
            within=within,
        )


def _words(model: type[Words], **said: object) -> Words:
    """Return what is asked for. Raises `Refused`, as the daemon would."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        because = first["msg"].removeprefix("Value error, ")
        raise Refused(
            f"cannot ask for that: {where}: {because}",
            code=HTTPStatus.UNPROCESSABLE_ENTITY,
        ) from None


def _too_late(
    change: str, within: float, told: ChangeNow | ClientError
) -> ClientError:
    if isinstance(told, ClientError):
        return told
    return StillUnderWay(
        f"cannot wait longer for change {change}: it is {told.state} after"
        f" {within:g} s and goes on by itself; ask again later"
    )


def _stage(change: Change) -> str:
    """Return what tells one moment of a change from the next."""
    return change.model_dump_json(exclude=_AGED)
