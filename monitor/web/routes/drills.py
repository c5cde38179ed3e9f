"""`POST /api/v1/targets/{name}/drills`: rehearse an incident."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from monitor.engine.recovery.asked import Recovery
from monitor.schemas.drill import Drill
from monitor.schemas.recovery import Nothing
from monitor.web.auth import Gate, Token
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.principals import principal
from monitor.web.routes.plans import answer
from monitor.web.routes.targets import Name, known
from monitor.web.serves import Api
from monitor.web.telling.drills import tell_drill


def router(api: Api, recovery: Recovery, gate: Gate, once: Once) -> APIRouter:
    """Return the route; it needs the scope `operate`."""
    routes = APIRouter(
        prefix="/api/v1/targets", tags=["recovery"], route_class=GuardedRoute
    )
    operate = Depends(gate.needs("operate"))

    @routes.post(
        "/{name}/drills",
        summary="Rehearse a recover: all is real but the effects",
        response_model=Drill,
        responses=problems(400, 404, 409, 413, 422, 503),
    )
    async def drill(
        request: Request,
        name: Name,
        by: Annotated[Token, operate],
        _: Nothing | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        async def work() -> Response:
            known(api, name)
            return answer(
                tell_drill(await recovery.drill(name, principal(by)))
            )

        return await once(request, by, key, work)

    return routes
