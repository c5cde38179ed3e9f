"""Plans: what would be done to a target, and the words for and against it."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from monitor.domain.recovery.plan import BreakGlass, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.engine.recovery.asked import Asked, Recovery
from monitor.schemas import recovery as wire
from monitor.schemas.change import ChangeNow
from monitor.schemas.wire import Asked as AskedFor
from monitor.schemas.wire import Wire
from monitor.web.auth import Gate, Token
from monitor.web.documented import or_refused_plan, problems
from monitor.web.guarded import GuardedRoute
from monitor.web.idempotency import IdempotencyKey, Once
from monitor.web.principals import principal
from monitor.web.routes.targets import MOST, Name, known
from monitor.web.serves import Api
from monitor.web.telling.recovery import tell_change, tell_plan, tell_plans

Say = Callable[[Principal], Awaitable[PlanRecord]]
"""A word on a plan, without who says it."""
Said = Callable[[Request, Token, str | None, Say], Awaitable[Response]]
"""Passes a word on, of the owner of a token, once for each key."""
MAY_READ = ("read", "operate", "approve")
"""Whoever asks for a plan or approves one must be able to read it."""
Id = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9._-]{1,128}$", description="The id of a plan."),
]


class PlansAsked(AskedFor):
    """How many plans."""

    limit: int = Field(default=100, ge=1, le=MOST, description="At most.")


def router(api: Api, recovery: Recovery, gate: Gate, once: Once) -> APIRouter:
    """Return the routes that a plan goes through."""
    routes = APIRouter(
        prefix="/api/v1", tags=["recovery"], route_class=GuardedRoute
    )
    _add_reading(routes, api, recovery, gate)
    _add_asking(routes, api, recovery, gate, once)
    _add_words(routes, recovery, gate, _said(api, once))
    return routes


def _add_reading(
    routes: APIRouter, api: Api, recovery: Recovery, gate: Gate
) -> None:
    read = [Depends(gate.needs(*MAY_READ))]

    @routes.get(
        "/plans",
        summary="Plans, newest first",
        dependencies=read,
        responses=problems(422, 503),
    )
    async def plans(asked: Annotated[PlansAsked, Query()]) -> wire.Plans:
        found = await recovery.plans(limit=asked.limit)
        return tell_plans(found, api.clock.now())

    @routes.get(
        "/plans/{plan_id}",
        summary="One plan",
        dependencies=read,
        responses=problems(404, 422, 503),
    )
    async def plan(plan_id: Id) -> wire.PlanNow:
        found = await recovery.plan_record(plan_id)
        return tell_plan(found, api.clock.now())


def _add_asking(
    routes: APIRouter, api: Api, recovery: Recovery, gate: Gate, once: Once
) -> None:
    operate = Depends(gate.needs("operate"))

    @routes.post(
        "/targets/{name}/plans",
        summary="What would be done, and whether it may; nothing is done",
        status_code=201,
        response_model=wire.PlanNow,
        responses=or_refused_plan(problems(400, 404, 409, 413, 422, 503)),
    )
    async def ask(
        request: Request,
        name: Name,
        asked: wire.NewPlan,
        by: Annotated[Token, operate],
        key: IdempotencyKey = None,
    ) -> Response:
        async def work() -> Response:
            known(api, name)
            made = await recovery.plan(_asked(name, asked), principal(by))
            told = tell_plan(PlanRecord(plan=made), api.clock.now())
            return answer(told, 201)

        said = await once(request, by, key, work)
        return located(said, "/api/v1/plans")

    @routes.post(
        "/plans/{plan_id}/apply",
        summary="Carry a plan out; its change says how it goes on",
        status_code=202,
        response_model=ChangeNow,
        responses=or_refused_plan(problems(400, 404, 409, 413, 422, 503)),
    )
    async def apply(
        request: Request,
        plan_id: Id,
        by: Annotated[Token, operate],
        asked: wire.Application | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        confirm = asked.confirm if asked else ""

        async def work() -> Response:
            change = await recovery.apply(
                plan_id, principal(by), confirm=confirm
            )
            return answer(tell_change(change, api.clock.now()), 202)

        said = await once(request, by, key, work)
        return located(said, "/api/v1/changes")


def _add_words(
    routes: APIRouter, recovery: Recovery, gate: Gate, said: Said
) -> None:
    """Add what people say of a plan, each with the scope that it needs."""
    may_approve = Depends(gate.needs("approve"))
    operate = Depends(gate.needs("operate"))

    async def approve(
        request: Request,
        plan_id: Id,
        by: Annotated[Token, may_approve],
        _: wire.Nothing | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        word = partial(recovery.approve, plan_id)
        return await said(request, by, key, word)

    async def deny(
        request: Request,
        plan_id: Id,
        asked: wire.Denial,
        by: Annotated[Token, may_approve],
        key: IdempotencyKey = None,
    ) -> Response:
        word = partial(recovery.deny, plan_id, reason=asked.reason.strip())
        return await said(request, by, key, word)

    async def attest(
        request: Request,
        plan_id: Id,
        asked: wire.Attestation,
        by: Annotated[Token, operate],
        key: IdempotencyKey = None,
    ) -> Response:
        word = partial(recovery.attest, plan_id, done=asked.done.strip())
        return await said(request, by, key, word)

    _add_word(routes, approve, "Another person's word for a plan")
    _add_word(routes, deny, "A person's word against a plan")
    _add_word(routes, attest, "A plan's steps were done by hand")


def _add_word(
    routes: APIRouter, route: Callable[..., Awaitable[Response]], summary: str
) -> None:
    """Add one word; its route's name is its place below the plan."""
    routes.add_api_route(
        f"/plans/{{plan_id}}/{route.__name__}",
        route,
        methods=["POST"],
        summary=summary,
        response_model=wire.PlanNow,
        responses=problems(400, 404, 409, 413, 422, 503),
    )


def _said(api: Api, once: Once) -> Said:
    """Return how a word is passed on, and answered with its plan."""

    async def said(
        request: Request, by: Token, key: str | None, say: Say
    ) -> Response:
        async def work() -> Response:
            record = await say(principal(by))
            return answer(tell_plan(record, api.clock.now()))

        return await once(request, by, key, work)

    return said


def answer(document: Wire, code: int = 200) -> Response:
    """Return a document as an answer that can be kept for its key."""
    return Response(
        document.model_dump_json(), code, media_type="application/json"
    )


def located(said: Response, under: str) -> Response:
    """Say where the document of an answer is, also when it is a replay."""
    document = json.loads(bytes(said.body))
    said.headers["Location"] = f"{under}/{document['id']}"
    return said


def _asked(name: str, asked: wire.NewPlan) -> Asked:
    return Asked(
        action=asked.action,
        target=name,
        reason=asked.reason.strip(),
        break_glass=_break_glass(asked.break_glass),
    )


def _break_glass(asked: wire.BreakGlass | None) -> BreakGlass | None:
    if asked is None:
        return None
    return BreakGlass(gate=asked.gate, reason=asked.reason.strip())
