"""`/api/v1/maintenance`: planned work."""

from functools import partial
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.exceptions import HTTPException

from monitor.domain.maintenance import check_times
from monitor.schemas.maintenance import (
    Maintenance,
    Maintenances,
    NewMaintenance,
)
from monitor.schemas.wire import utc
from monitor.web.auth import Gate, Token
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.serves import Api
from monitor.web.telling.events import Planning
from monitor.web.telling.windows import as_window, tell_window

Id = Annotated[str, Path(description="The id of planned work.")]


def router(api: Api, gate: Gate, once: Once) -> APIRouter:
    """Return the routes; they need `maintain`, to read also `read`."""
    routes = APIRouter(
        prefix="/api/v1/maintenance",
        tags=["maintenance"],
        route_class=GuardedRoute,
    )
    maintain = Depends(gate.needs("maintain"))

    @routes.get(
        "",
        summary="What is under way and to come",
        dependencies=[Depends(gate.needs("maintain", "read"))],
        responses=problems(),
    )
    async def maintenance() -> Maintenances:
        now = api.clock.now()
        return Maintenances(
            at=utc(now),
            maintenance=tuple(
                tell_window(window, now) for window in api.book.windows()
            ),
        )

    @routes.post(
        "",
        summary="Start planned work",
        status_code=201,
        response_model=Maintenance,
        responses=problems(400, 409, 413, 422, 503),
    )
    async def start(
        request: Request,
        asked: NewMaintenance,
        by: Annotated[Token, maintain],
        key: IdempotencyKey = None,
    ) -> Response:
        return await once(
            request, by, key, partial(_start, api, asked, by.who)
        )

    @routes.delete(
        "/{window_id}",
        summary="End planned work now",
        dependencies=[maintain],
        responses=problems(404, 503),
    )
    async def end(window_id: Id) -> Maintenance:
        return await _end(api, window_id)

    return routes


async def _start(api: Api, asked: NewMaintenance, who: str) -> Response:
    """Start what is asked; what could not be told is not started."""
    now = api.clock.now()
    window = as_window(asked, id_=uuid4().hex, by=who, now=now)
    check_times(window, now)
    told = tell_window(window, now).model_dump_json()
    await api.book.start(window)
    api.hub.say("maintenance", Planning(change="started", window=window))
    return Response(told, 201, media_type="application/json")


async def _end(api: Api, window_id: str) -> Maintenance:
    now = api.clock.now()
    window = await api.book.end(window_id, now)
    if window is None:
        raise HTTPException(
            404,
            "cannot end this maintenance: none of that id is under way"
            " or to come; GET /api/v1/maintenance lists them",
        )
    api.hub.say("maintenance", Planning(change="ended", window=window))
    return tell_window(window, now)
