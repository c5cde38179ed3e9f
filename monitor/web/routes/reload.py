"""`POST /-/reload`: read the configuration again."""

from asyncio import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from monitor.domain.errors import ConfigurationError
from monitor.schemas.problem import Flaw
from monitor.schemas.reload import Reloaded
from monitor.web.auth import Gate, Token
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.problem import Flawed
from monitor.web.serves import Api


def router(api: Api, gate: Gate, once: Once) -> APIRouter:
    """Return the route; it needs the scope `operate`."""
    routes = APIRouter(tags=["monitor"], route_class=GuardedRoute)
    operate = Depends(gate.needs("operate"))
    under_way = Lock()

    @routes.post(
        "/-/reload",
        summary="Read the configuration again",
        response_model=Reloaded,
        responses=problems(400, 409, 422, 503),
    )
    async def reload(
        request: Request,
        by: Annotated[Token, operate],
        key: IdempotencyKey = None,
    ) -> Response:
        async def work() -> Response:
            if under_way.locked():
                raise HTTPException(
                    409,
                    "cannot reload: a reload is under way; wait for it",
                    {"Retry-After": "1"},
                )
            async with under_way:
                told = await _reload(api)
            return Response(
                told.model_dump_json(), media_type="application/json"
            )

        return await once(request, by, key, work)

    return routes


async def _reload(api: Api) -> Reloaded:
    try:
        return await api.reload()
    except ConfigurationError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise Flawed(
            400,
            "cannot reload: the configuration was refused and the old one"
            f" stays; lines of errors: {len(lines)}",
            [Flaw(at="", because=line.strip()) for line in lines],
        ) from None
