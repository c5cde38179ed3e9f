"""`/api/v1/audit`: who asked for what, and whether nobody has rewritten it."""

from asyncio import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.exceptions import HTTPException

from monitor.domain.recovery.audit import Sealed
from monitor.engine.recovery.asked import Recovery
from monitor.schemas.audit import Audit, AuditVerification
from monitor.schemas.wire import Asked
from monitor.web.auth import Gate
from monitor.web.documented import problems
from monitor.web.routes.targets import MOST
from monitor.web.serves import Api
from monitor.web.telling.recovery import tell_audit, tell_verification


class AuditAsked(Asked):
    """Which part of the audit."""

    after: int = Field(
        default=0,
        ge=0,
        lt=2**63,
        description="Only entries with a greater sequence: `next_after`.",
    )
    limit: int = Field(
        default=100, ge=1, le=MOST, description="Entries at most."
    )
    plan: str = Field(
        default="",
        max_length=128,
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Only those of the request with this id.",
    )


def router(api: Api, recovery: Recovery, gate: Gate) -> APIRouter:
    """Return the routes; they need `read` or `operate`."""
    routes = APIRouter(
        prefix="/api/v1/audit",
        tags=["recovery"],
        dependencies=[Depends(gate.needs("read", "operate"))],
    )
    under_way = Lock()

    @routes.get("", summary="The audit", responses=problems(422, 503))
    async def audit(asked: Annotated[AuditAsked, Query()]) -> Audit:
        found = await recovery.audit(
            after=asked.after, limit=asked.limit + 1, plan=asked.plan
        )
        return tell_audit(found, asked.limit, api.clock.now())

    @routes.get(
        "/verification",
        summary="The audit's chain, computed anew",
        responses=problems(409, 503),
    )
    async def verification() -> AuditVerification:
        if under_way.locked():
            raise HTTPException(
                409,
                "cannot verify the audit: it is being verified; wait for it",
                {"Retry-After": "1"},
            )
        async with under_way:
            # Counted first: what is told as its end is verified too.
            entries, last = await _counted(recovery)
            flaws = await recovery.verify()
        return tell_verification(flaws, entries, last, api.clock.now())

    return routes


async def _counted(recovery: Recovery) -> tuple[int, Sealed | None]:
    """Return how many entries there are, and the newest."""
    entries, last = 0, None
    while True:
        after = last.sequence if last else 0
        part = await recovery.audit(after=after, limit=MOST)
        entries += len(part)
        last = part[-1] if part else last
        if len(part) < MOST:
            return entries, last
