"""`/api/v1/changes`: what was done, is being done, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from monitor.engine.recovery.asked import Recovery
from monitor.schemas.change import ChangeNow, Changes
from monitor.schemas.recovery import Nothing
from monitor.schemas.wire import Asked
from monitor.web.auth import Gate, Token
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.principals import principal
from monitor.web.routes.plans import MAY_READ, answer
from monitor.web.routes.rungs import rungs_of
from monitor.web.routes.targets import MOST
from monitor.web.serves import Api
from monitor.web.telling.recovery import tell_change, tell_changes

_ID = r"^[A-Za-z0-9._-]{1,128}$"
Id = Annotated[str, Path(pattern=_ID, description="The id of a change.")]


class ChangesAsked(Asked):
    """Which changes."""

    limit: int = Field(default=100, ge=1, le=MOST, description="At most.")
    before: str = Field(
        default="",
        pattern=rf"^$|{_ID}",
        description="Only changes before this one: `next_before`.",
    )
    target: str = Field(
        default="",
        max_length=253,
        description="Only those of this target, configured still or not.",
    )


def router(api: Api, recovery: Recovery, gate: Gate, once: Once) -> APIRouter:
    """Return the routes; to cancel needs the scope `operate`."""
    routes = APIRouter(
        prefix="/api/v1/changes", tags=["recovery"], route_class=GuardedRoute
    )
    read = [Depends(gate.needs(*MAY_READ))]
    operate = Depends(gate.needs("operate"))

    @routes.get(
        "",
        summary="Changes, newest first",
        dependencies=read,
        responses=problems(422, 503),
    )
    async def changes(asked: Annotated[ChangesAsked, Query()]) -> Changes:
        found = await recovery.changes(
            limit=asked.limit + 1, before=asked.before, target=asked.target
        )
        return tell_changes(found, asked.limit, api.clock.now())

    @routes.get(
        "/{change_id}",
        summary="One change, and how it goes on",
        dependencies=read,
        responses=problems(404, 422, 503),
    )
    async def change(change_id: Id) -> ChangeNow:
        found = await recovery.change(change_id)
        rungs = await rungs_of(recovery, found)
        return tell_change(found, api.clock.now(), rungs)

    @routes.post(
        "/{change_id}/cancel",
        summary="Stop a change that was not begun, or note that you want to",
        response_model=ChangeNow,
        responses=problems(400, 404, 409, 413, 422, 503),
    )
    async def cancel(
        request: Request,
        change_id: Id,
        by: Annotated[Token, operate],
        _: Nothing | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        async def work() -> Response:
            stopped = await recovery.cancel(change_id, principal(by))
            rungs = await rungs_of(recovery, stopped)
            return answer(tell_change(stopped, api.clock.now(), rungs))

        return await once(request, by, key, work)

    return routes
