"""`/api/v1/pages`: who was woken, or would have been, and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from monitor.schemas.page import Pages
from monitor.web.auth import Gate
from monitor.web.documented import problems
from monitor.web.routes.targets import HistoryAsked, known
from monitor.web.serves import Api
from monitor.web.telling.pages import tell_pages


class PagesAsked(HistoryAsked):
    """Which pages."""

    since: float = Field(
        default=0.0,
        ge=0,
        description=(
            "Only those that hold, or ended after this Unix time in seconds."
        ),
    )
    target: str = Field(
        default="", description="Only those about this target."
    )


def router(api: Api, gate: Gate) -> APIRouter:
    """Return the route; it needs the scope `read`."""
    routes = APIRouter(
        prefix="/api/v1/pages",
        tags=["pages"],
        dependencies=[Depends(gate.needs("read"))],
    )

    @routes.get(
        "",
        summary="Who was woken, or would have been, and why",
        responses=problems(404, 422, 503),
    )
    async def pages(asked: Annotated[PagesAsked, Query()]) -> Pages:
        if asked.target:
            known(api, asked.target)
        kept = await api.store.pages(
            since=asked.since,
            limit=asked.limit + 1,
            before=asked.before,
            target=asked.target,
        )
        return tell_pages(kept, asked.limit, api.clock.now())

    return routes
