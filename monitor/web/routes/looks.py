"""`POST /api/v1/targets/{name}/checks/{check}/run`: look now."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.exceptions import HTTPException

from monitor.domain.errors import NotConfigured
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.entry import Entry
from monitor.schemas.check import LookResult
from monitor.web.auth import Gate, Token
from monitor.web.documented import problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.limits import Limits
from monitor.web.serves import Api
from monitor.web.telling.checks import tell_looked

Name = Annotated[str, Path(description="The name of a configured target.")]
CheckName = Annotated[str, Path(description="One of the target's checks.")]


def router(api: Api, gate: Gate, limits: Limits, once: Once) -> APIRouter:
    """Return the route; it needs the scope `operate`."""
    routes = APIRouter(
        prefix="/api/v1/targets",
        tags=["targets"],
        route_class=GuardedRoute,
    )
    operate = Depends(gate.needs("operate"))

    @routes.post(
        "/{name}/checks/{check}/run",
        summary="Look now, out of schedule",
        response_model=LookResult,
        responses=problems(404, 409, 422, 503),
    )
    async def run(
        request: Request,
        name: Name,
        check: CheckName,
        by: Annotated[Token, operate],
        key: IdempotencyKey = None,
    ) -> Response:
        async def look() -> Response:
            limits.spend_look(entry.check.key.label)
            looked = await api.run(entry.check.key)
            if looked is None:
                raise HTTPException(409, _held_back(api, entry))
            told = tell_looked(looked, api.clock.now())
            return Response(
                told.model_dump_json(), media_type="application/json"
            )

        entry = _known(api, name, check)
        return await once(request, by, key, look)

    return routes


def _known(api: Api, name: str, check: str) -> Entry:
    key = CheckKey(kind=Kind.TARGET, subject=name, check=check)
    entry = api.board.find(key)
    if entry is None:
        raise NotConfigured(
            "cannot look: there is no such target, or it has no such check;"
            " GET /api/v1/targets/{name} lists its checks"
        )
    return entry


def _held_back(api: Api, entry: Entry) -> str:
    """Return why a look was not taken: the run was skipped just now."""
    key = entry.check.key
    now = api.board.find(key) or entry
    skipped = now.skipped
    why = skipped.because or skipped.reason if skipped else "it is under way"
    return f"cannot look at {key.label} now: {why}"
