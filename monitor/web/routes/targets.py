"""`/api/v1/targets`: how the FaceFusion servers are, and were."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from monitor.domain import fleet
from monitor.domain.errors import NotConfigured
from monitor.domain.observation import Kind
from monitor.schemas.history import History
from monitor.schemas.target import TargetInFull, Targets
from monitor.schemas.wire import Asked, utc
from monitor.web.auth import Gate
from monitor.web.documented import problems
from monitor.web.serves import Api
from monitor.web.telling.fleet import tell_target, tell_target_in_full
from monitor.web.telling.history import tell_history

Name = Annotated[str, Path(description="The name of a configured target.")]
MOST = 1000
"""Lines of one answer."""


class HistoryAsked(Asked):
    """Which part of a history."""

    limit: int = Field(
        default=100, ge=1, le=MOST, description="Lines at most."
    )
    before: int | None = Field(
        default=None,
        ge=0,
        lt=2**63,
        description="Only lines with a smaller id: `next_before`.",
    )
    since: float = Field(
        default=0.0,
        ge=0,
        description="Only since this Unix time, in seconds.",
    )


def router(api: Api, gate: Gate) -> APIRouter:
    """Return the routes; they need the scope `read`."""
    routes = APIRouter(
        prefix="/api/v1/targets",
        tags=["targets"],
        dependencies=[Depends(gate.needs("read"))],
    )

    # Not async: a thousand targets are told in a thread, off the loop.
    @routes.get("", summary="Every target", responses=problems())
    def targets() -> Targets:
        now = api.clock.now()
        return Targets(
            at=utc(now),
            targets=tuple(
                tell_target(target, api.board, api.book, api.ward, now)
                for target in tuple(api.board.targets.values())
            ),
        )

    @routes.get(
        "/{name}", summary="One target in full", responses=problems(404)
    )
    async def target(name: Name) -> TargetInFull:
        found = known(api, name)
        now = api.clock.now()
        return tell_target_in_full(found, api.board, api.book, api.ward, now)

    @routes.get(
        "/{name}/history",
        summary="What happened to a target",
        responses=problems(404, 422, 503),
    )
    async def history(
        name: Name, asked: Annotated[HistoryAsked, Query()]
    ) -> History:
        known(api, name)
        moments = await api.store.history(
            Kind.TARGET,
            name,
            since=asked.since,
            limit=asked.limit + 1,
            before=asked.before,
        )
        return tell_history(name, moments, asked.limit, api.clock.now())

    return routes


def known(api: Api, name: str) -> fleet.Target:
    """Return a target. Raises `NotConfigured`."""
    found = api.board.targets.get(name)
    if found is None:
        raise NotConfigured(
            "cannot find this target: none of that name is configured;"
            " GET /api/v1/targets lists them"
        )
    return found
