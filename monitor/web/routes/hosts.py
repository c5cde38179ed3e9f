"""`/api/v1/hosts`: how the GPU machines are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from monitor.domain.errors import NotConfigured
from monitor.schemas.host import HostInFull, Hosts
from monitor.schemas.wire import utc
from monitor.web.auth import Gate
from monitor.web.documented import problems
from monitor.web.serves import Api
from monitor.web.telling.fleet import on_hosts, tell_host, tell_host_in_full

Name = Annotated[str, Path(description="The name of a configured host.")]


def router(api: Api, gate: Gate) -> APIRouter:
    """Return the routes; they need the scope `read`."""
    routes = APIRouter(
        prefix="/api/v1/hosts",
        tags=["hosts"],
        dependencies=[Depends(gate.needs("read"))],
    )

    # Not async: hundreds of hosts are told in a thread, off the loop.
    @routes.get("", summary="Every host", responses=problems())
    def hosts() -> Hosts:
        now, on_it = api.clock.now(), on_hosts(api.board)
        return Hosts(
            at=utc(now),
            hosts=tuple(
                tell_host(host, on_it[host.name], api.board, now)
                for host in tuple(api.board.hosts.values())
            ),
        )

    @routes.get("/{name}", summary="One host in full", responses=problems(404))
    async def host(name: Name) -> HostInFull:
        found = api.board.hosts.get(name)
        if found is None:
            raise NotConfigured(
                "cannot find this host: none of that name is configured;"
                " GET /api/v1/hosts lists them"
            )
        on_it = on_hosts(api.board)[name]
        return tell_host_in_full(found, on_it, api.board, api.clock.now())

    return routes
