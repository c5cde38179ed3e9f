"""`GET /metrics`: the exposition."""

from collections.abc import Callable, Iterable

from fastapi import APIRouter, Depends, Response

from monitor.web.auth import Token, needs


def router(
    render: Callable[[], bytes], content_type: str, tokens: Iterable[Token]
) -> APIRouter:
    """Return the route; it needs the scope `metrics`."""
    routes = APIRouter(dependencies=[Depends(needs("metrics", tokens))])

    # Not async: rendering is done in a thread, off the event loop.
    @routes.get("/metrics", summary="Everything known, for Prometheus")
    def metrics() -> Response:
        return Response(render(), headers={"Content-Type": content_type})

    return routes
